import type { CallSyntax } from '../local/answer-syntax.js'
import type { TemplateMessage, TemplateTool } from './chat-messages.js'

/** How a model is asked to write calls whose chat template knows none. */
export const PLAIN_CALL: CallSyntax = {
  opens: ['<tool_call>\n{"name": "', '<tool_call>{"name": "'],
  middle: '", "arguments": ',
  closes: '}\n</tool_call>',
  around: [],
  isParallel: true,
}

const [OPENS] = PLAIN_CALL.opens as readonly [string]

function written({ content, tool_calls = [] }: TemplateMessage): string {
  const calls = tool_calls.map(({ function: { name, arguments: given } }) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    return `${OPENS}${name}${PLAIN_CALL.middle}${text}${PLAIN_CALL.closes}`
  })
  return [...(content === '' ? [] : [content]), ...calls].join('\n')
}

/** Writes calls and their results as plain text, and says at the beginning what tools there are. */
export function withPlainTools(
  messages: readonly TemplateMessage[],
  tools: readonly TemplateTool[],
): readonly TemplateMessage[] {
  const plain = messages.map((message): TemplateMessage => {
    if (message.role === 'tool')
      return { role: 'user', content: `<tool_response>\n${message.content}\n</tool_response>` }
    return message.tool_calls === undefined ? message : { role: message.role, content: written(message) }
  })
  if (tools.length === 0) return plain
  const listed = tools.map((tool) => JSON.stringify(tool.function)).join('\n')
  const how = `${OPENS}NAME${PLAIN_CALL.middle}{}${PLAIN_CALL.closes}`
  const content = `You can call these tools:\n${listed}\nTo call one, write its name and arguments like this, and nothing after:\n${how}`
  return [{ role: 'system', content }, ...plain]
}
