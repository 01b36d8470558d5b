import { AiosError, type ChatRequest, type CoreRequest, type CoreWarning, type ToolChoice } from '@aios/kernel'
import { describeValue, messageParts } from '@aios/kernel/driver'
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions'
import { isRecord } from '../core/record.js'
import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'
import { isOpenAiHost } from './openai-options.js'
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

function namesIn(request: CoreRequest): string[] {
  const offered = (request.tools ?? []).map((tool) => tool.name)
  const used = request.messages.flatMap((message) =>
    messageParts(message).flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
  )
  return [...offered, ...used]
}

/** A name that is not offered is the caller's slip; the provider would only say that something is wrong. */
function chosenTool(name: string, request: CoreRequest): string {
  const offered = (request.tools ?? []).map((tool) => tool.name)
  if (offered.includes(name)) return name
  const message = `Expected toolChoice to name one of ${offered.join(', ')}, got ${describeValue(name)}.`
  throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
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
    function: { name: names.toWire(tool.name), description: tool.description, parameters: { ...tool.inputSchema } },
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

/** OpenAI's reasoning models reject `max_tokens`; most servers that copy OpenAI know nothing else. */
function lengthParam(request: CoreRequest, host: string): Pick<SharedParams, 'max_tokens' | 'max_completion_tokens'> {
  if (request.maxOutputTokens === undefined) return {}
  return isOpenAiHost(host)
    ? { max_completion_tokens: request.maxOutputTokens }
    : { max_tokens: request.maxOutputTokens }
}

function providerParams(request: CoreRequest): Readonly<Record<string, unknown>> {
  const own = request.providerOptions?.['openai'] ?? {}
  if (isRecord(own)) return own
  const message = `Expected an object for providerOptions.openai, got ${describeValue(own)}.`
  throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
}

/** Asks a server to go on with the last message instead of answering it, where that is the beginning of an answer. */
function continueParams({ messages }: CoreRequest, resume: Target['resume']): Readonly<Record<string, unknown>> {
  if (resume !== 'prefix' || messages.at(-1)?.role !== 'assistant') return {}
  return { continue_final_message: true, add_generation_prompt: false }
}

/**
 * Translates a request.
 *
 * @param request - what the kernel hands to the core
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what chat completions cannot express
 */
export function toChatWire(request: CoreRequest, target: Target): ChatWire {
  const names = toolNameMap(namesIn(request))
  const warnings: CoreWarning[] = []
  const messages = toWireMessages(request.messages, { names, host: target.host, warnings })
  const stop = request.stop === undefined || request.stop.length === 0 ? undefined : [...request.stop]
  const settings = defined({
    temperature: request.temperature,
    top_p: request.topP,
    stop,
    seed: request.seed,
    reasoning_effort: request.reasoning,
    response_format: formatParam(request.responseFormat),
  })
  const params: Params = {
    model: target.model,
    messages,
    ...settings,
    ...toolParams(request, names),
    ...lengthParam(request, target.host),
    ...continueParams(request, target.resume),
    ...providerParams(request),
  }
  return { params, names, warnings, isCounted: target.resume === 'prefix' }
}
