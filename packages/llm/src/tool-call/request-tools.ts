import { AiosError, type CoreRequest, describeValue, messageParts } from '@aios/kernel/driver'

/** Returns every tool name of a request: those offered and those in the conversation. */
export function requestToolNames(request: CoreRequest): string[] {
  const offered = (request.tools ?? []).map((tool) => tool.name)
  const used = request.messages.flatMap((message) =>
    messageParts(message).flatMap((part) =>
      part.type === 'tool-call' || part.type === 'tool-result' ? [part.name] : [],
    ),
  )
  return [...offered, ...used]
}

/**
 * Checks the tool that a request demands. A name that is not offered is the caller's slip; the provider would only say that
 * something is wrong.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if it is not offered
 */
export function chosenTool(name: string, request: CoreRequest): string {
  const offered = (request.tools ?? []).map((tool) => tool.name)
  if (offered.includes(name)) return name
  const message = `Expected toolChoice to name one of ${offered.join(', ')}, got ${describeValue(name)}.`
  throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
}
