import type { CoreRequest, MessagePart } from '@aios/kernel'
import { messageParts, messageText } from '@aios/kernel/driver'
import { plainValue } from '../../core/plain-value.js'

const SHOWN_CHARS = 200

function resultText(part: MessagePart): string {
  return part.type === 'tool-result' ? `${part.name} → ${JSON.stringify(plainValue(part.output))}` : `[${part.type}]`
}

/** Says in one line what a request asks, for messages: its last message, its length and its tools. */
export function requestText(request: CoreRequest): string {
  const last = request.messages.at(-1)
  if (last === undefined) return 'no message'
  const said = messageText(last) || messageParts(last).map(resultText).join(' ')
  const shown = said.length > SHOWN_CHARS ? `${said.slice(0, SHOWN_CHARS)}…` : said
  const tools = (request.tools ?? []).map((tool) => tool.name).join(', ')
  return `${last.role}: "${shown}" (message ${request.messages.length}, tools: ${tools || 'none'})`
}
