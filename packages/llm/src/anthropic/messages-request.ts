import type { CoreRequest, CoreWarning, ToolChoice } from '@aios/kernel'
import type { Target, WireRequest } from '../core/protocol.js'
import { providerParams } from '../core/provider-params.js'
import { isRecord } from '../core/record.js'
import { objectSchema } from '../tool-call/object-schema.js'
import { chosenTool, requestToolNames } from '../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'
import { DEFAULT_MAX_TOKENS, takesSampling, thinkingStyle, type AnthropicOptions } from './anthropic-options.js'
import { toOutputSchema } from './output-schema.js'
import { thinkingParams } from './thinking-params.js'
import { toWireConversation } from './wire-message.js'

type Params = Readonly<Record<string, unknown>>

/** Is a request as the API takes it, with what is needed to read the answer. */
export interface MessagesWire extends WireRequest {
  readonly params: Params
}

function toWireChoice(choice: ToolChoice, request: CoreRequest, names: ToolNameMap): object {
  if (choice === 'required') return { type: 'any' }
  if (typeof choice === 'string') return { type: choice }
  return { type: 'tool', name: names.toWire(chosenTool(choice.tool, request)) }
}

function toolParams(request: CoreRequest, names: ToolNameMap): Params {
  // The provider rejects a choice without tools.
  if (request.tools === undefined || request.tools.length === 0) return {}
  const tools = request.tools.map((tool) => ({
    name: names.toWire(tool.name),
    description: tool.description,
    input_schema: objectSchema(tool.inputSchema),
  }))
  if (request.toolChoice === undefined) return { tools }
  return { tools, tool_choice: toWireChoice(request.toolChoice, request, names) }
}

/** Is how JSON is asked for: held to by the API, or only told. */
interface Format {
  readonly params: Params
  readonly told: readonly object[]
}

const WITHOUT_SCHEMA = 'JSON without a schema cannot be asked for: give a schema, or ask for JSON in the messages.'
const IN_WORDS = 'The model is said to keep to no schema: JSON is asked for in words.'

function formatOf(
  { responseFormat }: CoreRequest,
  { capabilities }: AnthropicOptions,
  warnings: CoreWarning[],
): Format {
  if (responseFormat?.type !== 'json') return { params: {}, told: [] }
  const { schema } = responseFormat
  if (schema === undefined) {
    const message = capabilities?.schema === false ? IN_WORDS : WITHOUT_SCHEMA
    warnings.push({ setting: 'responseFormat', message })
    return { params: {}, told: [] }
  }
  const enforced = toOutputSchema(schema)
  if (enforced !== undefined) return { params: { format: { type: 'json_schema', schema: enforced } }, told: [] }
  const message = 'The API can hold no model to this schema: it is told in words. Check the answer.'
  warnings.push({ setting: 'responseFormat', message })
  const text = `Answer with JSON only, without any other text or code fence. It must match this JSON Schema:\n${JSON.stringify(schema)}`
  return { params: {}, told: [{ type: 'text', text }] }
}

const MAX_TEMPERATURE = 1

function samplingParams({ temperature, topP }: CoreRequest, isTaken: boolean, warnings: CoreWarning[]): Params {
  if (!isTaken) {
    const why = 'was left out: this version of the API takes none. See anthropic-version in the guide of this core.'
    if (temperature !== undefined) warnings.push({ setting: 'temperature', message: `temperature ${why}` })
    if (topP !== undefined) warnings.push({ setting: 'topP', message: `topP ${why}` })
    return {}
  }
  if (temperature !== undefined && temperature > MAX_TEMPERATURE) {
    warnings.push({ setting: 'temperature', message: `temperature ${temperature} was sent as ${MAX_TEMPERATURE}.` })
  }
  return {
    ...(temperature === undefined ? {} : { temperature: Math.min(temperature, MAX_TEMPERATURE) }),
    ...(topP === undefined ? {} : { top_p: topP }),
  }
}

/** What goes into `output_config` comes from two settings and from the caller's own. */
function merged(params: Params, output: Params, own: Params): Params {
  const config = isRecord(own['output_config']) ? { ...output, ...own['output_config'] } : output
  return { ...params, ...own, ...(Object.keys(config).length === 0 ? {} : { output_config: config }) }
}

/**
 * Translates a request.
 *
 * @param request - what the kernel hands to the core
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what the API cannot express
 */
export function toMessagesWire(request: CoreRequest, target: Target, options: AnthropicOptions): MessagesWire {
  const names = toolNameMap(requestToolNames(request))
  const warnings: CoreWarning[] = []
  const { system, messages } = toWireConversation(request.messages, { names, host: target.host, warnings })
  const maxTokens = request.maxOutputTokens ?? options.maxOutputTokens ?? DEFAULT_MAX_TOKENS
  const style = thinkingStyle(target.model, options)
  const { thinking, output_config: effort } = thinkingParams(request.reasoning, { style, maxTokens, warnings })
  if (request.seed !== undefined) {
    warnings.push({ setting: 'seed', message: 'seed was left out: the API has none.' })
  }
  const format = formatOf(request, options, warnings)
  const instructions = [...system, ...format.told]
  const params = {
    model: target.model,
    max_tokens: maxTokens,
    messages,
    ...(instructions.length === 0 ? {} : { system: instructions }),
    ...toolParams(request, names),
    ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop_sequences: [...request.stop] }),
    ...samplingParams(request, takesSampling(options), warnings),
    ...(thinking === undefined ? {} : { thinking }),
  }
  const output = { ...effort, ...format.params }
  return { params: merged(params, output, providerParams(request, 'anthropic')), names, warnings }
}
