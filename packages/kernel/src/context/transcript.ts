import { messageParts, type Message, type MessagePart } from '../driver/message.js'

const SPEAKERS = { system: 'System', user: 'User', assistant: 'Assistant', tool: 'Tool' } as const

/** Writes messages down as text, for a model or a memory to read. Thoughts are left out; files are named. */
export function transcriptOf(messages: readonly Message[]): string {
  return messages
    .flatMap((message) => messageParts(message).map((part) => lineOf(SPEAKERS[message.role], part)))
    .filter((line) => line !== '')
    .join('\n')
}

function lineOf(speaker: string, part: MessagePart): string {
  switch (part.type) {
    case 'text':
      return part.text === '' ? '' : `${speaker}: ${part.text}`
    case 'tool-call':
      return `${speaker} called ${part.name}(${part.inputText})`
    case 'tool-result':
      return `${part.name} ${part.isError === true ? 'failed' : 'returned'}: ${written(part.output)}`
    case 'file':
      return `${speaker}: [file ${part.filename ?? ''} ${part.mediaType}]`
    case 'source':
      return `${speaker}: [source ${part.title ?? ''} ${part.url ?? ''}]`
    case 'custom':
      return `${speaker}: [${part.kind}]`
    default:
      return ''
  }
}

/** Writes down what a tool returned, as its length is counted too. */
export function written(output: unknown): string {
  return typeof output === 'string' ? output : String(JSON.stringify(output))
}
