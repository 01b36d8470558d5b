import type { ChatRequest, CoreRequest, CoreWarning, ToolChoice } from '@aios/kernel'
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions'
import { providerParams } from '../core/provider-params.js'
import { objectSchema } from '../tool-call/object-schema.js'
import { chosenTool, requestToolNames } from '../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'
import { OPENAI_DIALECT, type ChatDialect } from './chat-dialect.js'
import type { Target, WireRequest } from '../core/protocol.js'
import { toWireMessages } from './wire-message.js'

/** Is a request as the SDK takes it, with what is needed to read the answer. */
export interface ChatWire extends WireRequest {
  readonly params: ChatCompletionCreateParamsNonStreaming
  /**
   * Whether the tokens of each piece are asked for: an answer that is cut is continued for what is left of its length.
   */
  readonly isCounted: boolean
}

type Params = ChatCompletionCreateParamsNonStreaming
type SharedParams = Omit<Params, 'model' | 'messages' | 'stream'>

/** Leaves out keys without a value, which the SDK's types, though not its code, reject. */
function defined<T extends object>(params: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

function toWireChoice(choice: ToolChoice, request: CoreRequest, names: ToolNameMap): ChatCompletionToolChoiceOption {
  if (typeof choice === 'string') return choice
  return { type: 'function', function: { name: names.toWire(chosenTool(choice.tool, request)) } }
}

function toolParams(request: CoreRequest, names: ToolNameMap): Pick<SharedParams, 'tools' | 'tool_choice'> {
  // The provider rejects an empty list, and a choice without one.
  if (request.tools === undefined || request.tools.length === 0) return {}
  const tools = request.tools.map((tool) => ({
    type: 'function' as const,
    function: {
      name: names.toWire(tool.name),
      description: tool.description,
      parameters: { ...objectSchema(tool.inputSchema) },
    },
  }))
  if (request.toolChoice === undefined) return { tools }
  return { tools, tool_choice: toWireChoice(request.toolChoice, request, names) }
}

function formatParam(format: ChatRequest['responseFormat']): Params['response_format'] {
  if (format?.type !== 'json') return undefined
  if (format.schema === undefined) return { type: 'json_object' }
  const name = toolNameMap([format.name ?? 'answer']).toWire(format.name ?? 'answer')
  return { type: 'json_schema', json_schema: { name, schema: { ...format.schema } } }
}

/** Asks a server to go on with the last message instead of answering it, where that is the beginning of an answer. */
function continued(messages: Params['messages'], dialect: ChatDialect): Partial<Params> {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return {}
  const { prefixMark } = dialect
  const marked = prefixMark === undefined ? {} : { messages: [...messages.slice(0, -1), { ...last, ...prefixMark }] }
  return { ...marked, ...dialect.continuation() }
}

/** Leaves out what the server does not take, and says so. */
function accepted(request: CoreRequest, { ignores = [] }: ChatDialect, warnings: CoreWarning[]): CoreRequest {
  const dropped = ignores.filter((setting) => request[setting] !== undefined)
  for (const setting of dropped)
    warnings.push({ setting, message: `The server does not take ${setting}; it was left out.` })
  const entries = Object.entries(request).filter(([name]) => !dropped.includes(name as keyof CoreRequest))
  return dropped.length === 0 ? request : (Object.fromEntries(entries) as unknown as CoreRequest)
}

/**
 * Translates a request.
 *
 * @param request - what the kernel hands to the core
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what chat completions cannot express
 */
export function toChatWire(given: CoreRequest, target: Target, dialect: ChatDialect = OPENAI_DIALECT): ChatWire {
  const warnings: CoreWarning[] = []
  const request = accepted(given, dialect, warnings)
  const names = toolNameMap(requestToolNames(request))
  const messages = toWireMessages(request.messages, { names, host: target.host, warnings })
  const stop = request.stop === undefined || request.stop.length === 0 ? undefined : [...request.stop]
  const settings = defined({
    temperature: request.temperature,
    top_p: request.topP,
    stop,
    seed: request.seed,
    [dialect.lengthField(target.host)]: request.maxOutputTokens,
    response_format: formatParam(request.responseFormat),
  })
  const isContinued = target.resume === 'prefix'
  const params: Params = {
    model: target.model,
    messages,
    ...dialect.always,
    ...settings,
    ...(request.reasoning === undefined ? {} : dialect.reasoning(request.reasoning)),
    ...toolParams(request, names),
    ...(isContinued ? continued(messages, dialect) : {}),
    ...providerParams(request, dialect.provider),
  }
  return { params, names, warnings, isCounted: isContinued }
}
