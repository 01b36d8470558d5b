import { messageParts } from '@aios/kernel/driver'
import type { Message, MessagePart } from '@aios/kernel'

/** Characters of one part beyond which it is cut: a reflection needs the course of an attempt, not every file it read. */
const PART_CHARS = 2_000

/**
 * Writes a conversation as plain text, one part a line, for a model that judges it: `Thought`, `Action` and
 * `Observation` as in the ReAct paper (arXiv 2210.03629). System messages and hidden reasoning are left out.
 */
export function trajectoryText(messages: readonly Message[]): string {
  const lines: string[] = []
  for (const message of messages) {
    if (message.role === 'system') continue
    for (const part of messageParts(message)) {
      const line = partLine(message, part)
      if (line !== undefined) lines.push(line)
    }
  }
  return lines.join('\n')
}

function partLine({ role }: Message, part: MessagePart): string | undefined {
  switch (part.type) {
    case 'text':
      return `${role === 'user' ? 'Task' : 'Thought'}: ${cut(part.text)}`
    case 'tool-call':
      return `Action: ${part.name} ${cut(part.inputText)}`
    case 'tool-result': {
      const output = typeof part.output === 'string' ? part.output : JSON.stringify(part.output)
      return `${part.isError === true ? 'Error' : 'Observation'}: ${cut(output ?? 'nothing')}`
    }
    default:
      return undefined
  }
}

function cut(text: string): string {
  return text.length <= PART_CHARS
    ? text
    : `${text.slice(0, PART_CHARS)} … (${text.length - PART_CHARS} more characters)`
}
