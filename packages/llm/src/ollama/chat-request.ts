import type { CoreRequest, CoreWarning, ToolSpec } from '@aios/kernel'
import { providerParams } from '../core/provider-params.js'
import type { Target, WireRequest } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { chosenTool, requestToolNames } from '../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'
import { thinkingStyle, type OllamaOptions } from './ollama-options.js'
import { toWireMessages } from './wire-message.js'

/** Is a request as the SDK takes it, with what is needed to read the answer. */
export interface OllamaWire extends WireRequest {
  readonly params: Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

/** Leaves out keys without a value. */
function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Returns the tools to show. The server has no choice of tools: what can be had of one is had by leaving tools out. */
function shownTools(request: CoreRequest, warnings: CoreWarning[]): readonly ToolSpec[] {
  const { tools = [], toolChoice = 'auto' } = request
  if (toolChoice === 'auto' || tools.length === 0) return tools
  if (toolChoice === 'none') return []
  const message = 'Ollama cannot make a model call a tool; it was left to the model.'
  warnings.push({ setting: 'toolChoice', message })
  if (toolChoice === 'required') return tools
  const chosen = chosenTool(toolChoice.tool, request)
  return tools.filter(({ name }) => name === chosen)
}

function wireTools(tools: readonly ToolSpec[], names: ToolNameMap): unknown {
  if (tools.length === 0) return undefined
  return tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    function: { name: names.toWire(name), description, parameters: inputSchema },
  }))
}

const LEVELS = { none: false, minimal: 'low', low: 'low', medium: 'medium', high: 'high' } as const

function thinkField(
  { reasoning }: CoreRequest,
  style: ReturnType<typeof thinkingStyle>,
  warnings: CoreWarning[],
): unknown {
  if (reasoning === undefined) return undefined
  if (style === 'levels') return LEVELS[reasoning]
  if (style === 'switch') return reasoning !== 'none'
  if (reasoning !== 'none')
    warnings.push({ setting: 'reasoning', message: 'The model does not think; reasoning was left out.' })
  return undefined
}

function formatField({ responseFormat }: CoreRequest): unknown {
  return responseFormat?.type === 'json' ? (responseFormat.schema ?? 'json') : undefined
}

function modelOptions(request: CoreRequest, options: OllamaOptions): Fields {
  return defined({
    num_ctx: options.contextWindow,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stop: request.stop === undefined || request.stop.length === 0 ? undefined : request.stop,
    num_predict: request.maxOutputTokens,
  })
}

/** Puts what a request says for this provider over ours; in `options` field by field. */
export function withOwn(params: Fields, own: Fields): Fields {
  const options = { ...(params['options'] as Fields), ...(isRecord(own['options']) ? own['options'] : {}) }
  return defined({ ...params, ...own, options: Object.keys(options).length === 0 ? undefined : options })
}

/**
 * Translates a request.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what Ollama's chat cannot express
 */
export function toOllamaWire(request: CoreRequest, { model, host }: Target, options: OllamaOptions): OllamaWire {
  const warnings: CoreWarning[] = []
  const names = toolNameMap(requestToolNames(request))
  const params = defined({
    model,
    messages: toWireMessages(request.messages, { names, host, warnings }),
    tools: wireTools(shownTools(request, warnings), names),
    format: formatField(request),
    think: thinkField(request, thinkingStyle(model, options), warnings),
    keep_alive: options.keepAlive,
    // By default the server drops the beginning of what is too long, and says nothing.
    truncate: false,
    options: modelOptions(request, options),
  })
  return { params: withOwn(params, providerParams(request, 'ollama')), names, warnings }
}
