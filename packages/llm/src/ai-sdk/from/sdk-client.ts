import { AiosError } from '@aios/kernel/driver'
import type { EmbedWire, Exchange, VendorClient } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import type { CallOptions, SdkEmbedWire, SdkWire } from './call-options.js'
import { embedAll } from './embedding.js'
import { headersOf } from './fault.js'
import type { SdkModel } from './model.js'
import { PartStream, thrown } from './part-stream.js'
import { addressOf, type PromptFile } from './prompt-file.js'
import { fromSdkWarnings } from './warning.js'

type Sent<T> = T & { headers?: Record<string, string>; abortSignal: AbortSignal }

/** Adds what belongs to one exchange. */
function sent<T extends { headers?: Record<string, string> }>(
  params: T,
  headers: Readonly<Record<string, string>> | undefined,
  { signal }: Exchange,
): Sent<T> {
  const all = { ...headers, ...params.headers }
  return { ...params, ...(Object.keys(all).length === 0 ? {} : { headers: all }), abortSignal: signal }
}

function tellHeaders(answer: unknown, exchange: Exchange): void {
  const response = isRecord(answer) ? answer['response'] : undefined
  const headers = headersOf(isRecord(response) ? response['headers'] : undefined)
  if (headers !== undefined) exchange.heard(headers)
}

function isSupported(file: PromptFile, address: URL, supported: unknown): boolean {
  if (!isRecord(supported)) return false
  const [family] = file.mediaType.split('/')
  const isMeant = (type: string): boolean =>
    ['*', '*/*', file.mediaType, `${family}/*`].includes(type) || file.mediaType === `${type.split('/')[0]}/*`
  return Object.entries(supported).some(
    ([type, patterns]) =>
      isMeant(type) &&
      Array.isArray(patterns) &&
      patterns.some((pattern) => pattern instanceof RegExp && pattern.test(address.href)),
  )
}

/**
 * The AI SDK itself would fetch what a model cannot; here nothing is fetched that the caller did not ask for.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for the address of a file that the model cannot fetch
 */
async function checkAddresses({ prompt }: CallOptions, model: SdkModel): Promise<void> {
  const files = prompt.flatMap(({ content }): PromptFile[] =>
    typeof content === 'string' ? [] : content.flatMap((part): PromptFile[] => (part.type === 'file' ? [part] : [])),
  )
  for (const file of files) {
    const address = addressOf(file)
    if (address === undefined || isSupported(file, address, await model.supportedUrls)) continue
    const message = `Expected the bytes of a file, got the address of one at ${address.host}, which ${model.provider} does not fetch. Fetch it, and pass its bytes.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
}

/** Calls a model; what it throws of a kernel behind it is what that threw. */
async function asked<T>(answer: () => PromiseLike<T> | undefined): Promise<T | undefined> {
  try {
    return await answer()
  } catch (error) {
    throw error instanceof Error ? thrown(error) : error
  }
}

/** Calls a model of the AI SDK. */
export function sdkClient(
  model: SdkModel,
  headers: Readonly<Record<string, string>> | undefined,
): VendorClient<SdkWire> {
  return {
    async chat({ params, warnings }, exchange) {
      await checkAddresses(params, model)
      const answer = await asked(() => model.doGenerate?.(sent(params, headers, exchange)))
      tellHeaders(answer, exchange)
      if (isRecord(answer)) warnings.push(...fromSdkWarnings(answer['warnings']))
      return answer
    },
    async stream({ params, warnings }, exchange) {
      await checkAddresses(params, model)
      const answer = await asked(() => model.doStream?.(sent(params, headers, exchange)))
      tellHeaders(answer, exchange)
      return PartStream.begin(answer, exchange.signal, (said) => warnings.push(...fromSdkWarnings(said)))
    },
    async embed(wire: EmbedWire, exchange) {
      const { params, warnings } = wire as SdkEmbedWire
      return embedAll(model, { params, signal: exchange.signal }, async (values) => {
        const answer = await asked(() => model.doEmbed?.(sent({ ...params, values }, headers, exchange)))
        tellHeaders(answer, exchange)
        if (isRecord(answer)) warnings.push(...fromSdkWarnings(answer['warnings']))
        return answer
      })
    },
  }
}
