import type { CoreRequest, CoreWarning } from '@aios/kernel'
import type { ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses'
import type { Target, WireRequest } from '../../core/protocol.js'
import { providerParams } from '../../core/provider-params.js'
import { isRecord } from '../../core/record.js'
import { objectSchema } from '../../tool-call/object-schema.js'
import { chosenTool, requestToolNames } from '../../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../../tool-call/tool-name-map.js'
import { toWireInput } from './wire-input.js'

type Params = ResponseCreateParamsNonStreaming
type Fields = Readonly<Record<string, unknown>>

/** Is a request for a response as the SDK takes it, with what is needed to read the answer. */
export interface ResponsesWire extends WireRequest {
  readonly params: Params
}

/** These never reason, and reject a request for what they thought; the list is closed, since newer models have other names. */
const NEVER_REASONS = /^(?:ft:)?(?:gpt-3|gpt-4|chatgpt-|gpt-5(?:\.\d+)?-chat)/

/** Settings that the API has no field for. */
const UNKNOWN_SETTINGS = ['stop', 'seed'] as const

function toolParams(request: CoreRequest, names: ToolNameMap): Fields {
  const { tools = [], toolChoice } = request
  if (tools.length === 0) return {}
  const wired = tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    name: names.toWire(name),
    description,
    parameters: { ...objectSchema(inputSchema) },
    // By default the API holds tools to its strict mode, which most schemas do not fit.
    strict: false,
  }))
  if (toolChoice === undefined) return { tools: wired }
  const isNamed = typeof toolChoice === 'object'
  const choice = isNamed ? { type: 'function', name: names.toWire(chosenTool(toolChoice.tool, request)) } : toolChoice
  return { tools: wired, tool_choice: choice }
}

function textParams({ responseFormat: format }: CoreRequest): Fields {
  if (format?.type !== 'json') return {}
  if (format.schema === undefined) return { text: { format: { type: 'json_object' } } }
  const name = toolNameMap([format.name ?? 'answer']).toWire(format.name ?? 'answer')
  return { text: { format: { type: 'json_schema', name, schema: { ...format.schema } } } }
}

function includeParams(model: string, own: Fields): Fields {
  const reasons = own['store'] !== true && !NEVER_REASONS.test(model) ? ['reasoning.encrypted_content'] : []
  const given = Array.isArray(own['include']) ? (own['include'] as unknown[]) : reasons
  const include = own['logprobs'] === true ? [...given, 'message.output_text.logprobs'] : given
  return include.length === 0 ? {} : { include: [...new Set(include)] }
}

/** Fields that come from several settings. */
const JOINED: readonly string[] = ['text', 'reasoning']

function joined(name: string, ours: unknown, given: unknown): unknown {
  if (name === 'tools' && Array.isArray(ours) && Array.isArray(given)) return [ours, given].flat()
  return JOINED.includes(name) && isRecord(ours) && isRecord(given) ? { ...ours, ...given } : given
}

/** Merges what the caller says for this provider: it wins, but its tools stand beside ours, and text and reasoning are joined. */
function merged(params: Fields, own: Fields): Fields {
  const { logprobs: _, include: __, ...rest } = own
  const given = Object.entries(rest).map(([name, value]) => [name, joined(name, params[name], value)] as const)
  return { ...params, ...Object.fromEntries(given) }
}

/**
 * Translates a request. Unless the caller says otherwise, the provider keeps nothing of it (`store: false`) and hands out what
 * its model thought, encrypted.
 *
 * @param request - what the kernel hands to the core
 * @param provider - key of `providerOptions`
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what the API cannot express
 */
export function toResponsesWire(request: CoreRequest, { model, host }: Target, provider: string): ResponsesWire {
  const names = toolNameMap(requestToolNames(request))
  const own = providerParams(request, provider)
  const warnings: CoreWarning[] = []
  const isStored = own['store'] === true
  const { instructions, input } = toWireInput(request.messages, { names, host, isStored, warnings })
  for (const setting of UNKNOWN_SETTINGS) {
    const value = request[setting]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    warnings.push({ setting, message: `${setting} was left out: the Responses API has none.` })
  }
  const { temperature, topP, maxOutputTokens, reasoning } = request
  const params = {
    model,
    input,
    store: false,
    ...(instructions === undefined ? {} : { instructions }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
    ...(reasoning === undefined ? {} : { reasoning: { effort: reasoning } }),
    ...textParams(request),
    ...toolParams(request, names),
    ...includeParams(model, own),
  }
  // What `providerOptions` holds is the caller's word.
  return { params: merged(params, own), names, warnings }
}
