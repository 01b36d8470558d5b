import { AiosError, type CoreRequest, type CoreWarning } from '@aios/kernel/driver'
import { forcedTools, toolsBesideJson } from '../local/forced-tools.js'
import type { AnswerTask } from '../local/local-engine.js'
import { requestToolNames } from '../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'
import { chatMessages, templateTools, type TemplateMessage, type TemplateTool } from './chat-messages.js'
import { withPlainTools } from './plain-tools.js'
import type { Render, TemplateMarks } from './template-marks.js'

/** Is what a request becomes before it is cut into tokens. */
export interface TextPrompt extends Omit<AnswerTask, 'lend' | 'tokens'> {
  readonly text: string
}

/** Is the chat template of a model, and what it tells of the answers. */
export interface ChatTemplate {
  readonly render: Render
  readonly marks: TemplateMarks
}

const JSON_ONLY = 'Answer with one JSON value only, without any other text or code fence.'
const UNBOUND = 'The model is asked for JSON, and called upon to call; nothing holds it to that. Check the answer.'

const isSystem = ({ role }: TemplateMessage): boolean => role === 'system'
const joined = (messages: readonly TemplateMessage[]): string => messages.map(({ content }) => content).join('\n\n')

/** Returns the conversation as it is, then with one system message, then with none: templates differ in what they let in. */
function variants(messages: readonly TemplateMessage[]): (readonly TemplateMessage[])[] {
  const system = messages.filter(isSystem)
  if (system.length === 0) return [messages]
  const rest = messages.filter((message) => !isSystem(message))
  const instructions = joined(system)
  const [first] = rest
  const opening: TemplateMessage[] =
    first?.role === 'user'
      ? [{ ...first, content: `${instructions}\n\n${first.content}` }, ...rest.slice(1)]
      : [{ role: 'user', content: instructions }, ...rest]
  return [messages, [{ role: 'system', content: instructions }, ...rest], opening]
}

function rendered(render: Render, messages: readonly TemplateMessage[], tools: readonly TemplateTool[]): string {
  const reasons: unknown[] = []
  for (const variant of variants(messages)) {
    try {
      return tools.length === 0 ? render(variant) : render(variant, tools)
    } catch (error) {
      reasons.push(error)
    }
  }
  const [cause] = reasons
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `Expected a conversation that the model's chat template can write, got one that it refuses: ${why}. Change it.`
  throw new AiosError('AIOS_LLM_BAD_REQUEST', message, { cause })
}

/** Returns what a demanded call begins with, for the model to go on from. */
function begunCall(request: CoreRequest, names: ToolNameMap, { syntax }: TemplateMarks): string {
  const forced = forcedTools(request)
  if (forced === undefined) return ''
  const { opens, middle } = syntax.call
  const [only] = forced
  return `${opens[0]}${forced.length === 1 && only !== undefined ? names.toWire(only.name) + middle : ''}`
}

/** Takes the model's own last words off the conversation, where it spoke last: it goes on from them. */
function lastWords(messages: TemplateMessage[]): string {
  const last = messages.at(-1)
  if (last?.role !== 'assistant' || last.tool_calls !== undefined) return ''
  messages.pop()
  return last.content
}

function offered(request: CoreRequest, names: ToolNameMap): { tools: TemplateTool[]; warnings: CoreWarning[] } {
  const { tools = [], toolChoice, responseFormat } = request
  const isForced = forcedTools(request) !== undefined
  const isJson = responseFormat?.type === 'json' && !isForced
  const warnings = isJson ? toolsBesideJson(request) : []
  if (isJson || isForced) warnings.push({ setting: isJson ? 'responseFormat' : 'toolChoice', message: UNBOUND })
  return { tools: toolChoice === 'none' || isJson ? [] : templateTools(tools, names), warnings }
}

/**
 * Writes a request as the model's chat template has it.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for a file; `AIOS_LLM_BAD_REQUEST` for a tool's result without its call, a demanded tool that is
 * not offered, and what the template refuses
 */
export function renderPrompt({ render, marks }: ChatTemplate, request: CoreRequest): TextPrompt {
  const names = toolNameMap(requestToolNames(request))
  const { tools, warnings } = offered(request, names)
  const messages = chatMessages(request, { names, warnings })
  const words = lastWords(messages)
  const { responseFormat } = request
  // A schema is in the conversation already: the kernel tells a core that cannot keep to one.
  if (responseFormat?.type === 'json' && responseFormat.schema === undefined)
    messages.push({ role: 'system', content: JSON_ONLY })
  const call = begunCall(request, names, marks)
  const { thought } = marks.syntax
  // Where an answer begins with a thought, one that is begun already has it behind itself.
  const closed = words + call !== '' && thought !== undefined && thought.opens === undefined ? thought.closes : ''
  const told = marks.hasTools ? messages : withPlainTools(messages, tools)
  const text = rendered(render, told, marks.hasTools ? tools : [])
  const begun = closed + call
  return {
    text: `${text}${closed === '' ? '' : `${closed}\n\n`}${words}${call}`,
    stops: [],
    names,
    hasTools: tools.length > 0,
    form: 'prose',
    warnings,
    ...(begun === '' ? {} : { begun }),
  }
}
