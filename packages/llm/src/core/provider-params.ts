import { AiosError, type CoreRequest, describeValue } from '@aios/kernel/driver'
import { isRecord } from './record.js'

/**
 * Returns what a request says in `providerOptions` of one provider.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if that is no object
 */
export function providerParams(
  request: Pick<CoreRequest, 'providerOptions'>,
  provider: string,
): Readonly<Record<string, unknown>> {
  const own = request.providerOptions?.[provider] ?? {}
  if (isRecord(own)) return own
  const message = `Expected an object for providerOptions.${provider}, got ${describeValue(own)}.`
  throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
}
