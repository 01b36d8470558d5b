import { AiosError, type Message, messageParts, messageText } from '@aios/kernel/driver'

/** Returns the error for a part that a model of text cannot see. */
export function unseenPart(mediaType: string): AiosError {
  const message = `Expected text for a local model, got a part of type ${mediaType}. Leave it out, or ask a core that reads it.`
  return new AiosError('AIOS_UNSUPPORTED', message)
}

/**
 * Returns the text of a message.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` if it holds a file
 */
export function plainText(message: Message): string {
  for (const part of messageParts(message)) if (part.type === 'file') throw unseenPart(part.mediaType)
  return messageText(message)
}

/** Returns the error for a result that no call before it asked for. */
export function strayResult(name: string, id: string): AiosError {
  const message = `Expected the result of tool "${name}" to answer a call before it, got the id "${id}" of none.`
  return new AiosError('AIOS_LLM_BAD_REQUEST', message)
}
