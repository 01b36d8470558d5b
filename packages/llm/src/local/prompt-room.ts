import { AiosError } from '@aios/kernel/driver'

/**
 * Checks that there is room for an answer.
 *
 * @throws AiosError `AIOS_LLM_CONTEXT_OVERFLOW`
 */
export function checkRoom(prompt: number, contextSize: number): void {
  if (prompt < contextSize) return
  const message = `Expected a conversation of fewer than ${contextSize} tokens, got ${prompt}. Shorten it, or give the core a larger contextSize.`
  throw new AiosError('AIOS_LLM_CONTEXT_OVERFLOW', message)
}
