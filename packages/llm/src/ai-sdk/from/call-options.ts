import {
  AiosError,
  type CoreEmbedRequest,
  type CoreRequest,
  type CoreWarning,
  type JsonSchema,
} from '@aios/kernel/driver'
import { providerParams } from '../../core/provider-params.js'
import type { EmbedWire, WireRequest } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { chosenTool, requestToolNames } from '../../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../../tool-call/tool-name-map.js'
import { BAG } from '../provider-state.js'
import type { SdkModel } from './model.js'
import { toPrompt, type PromptMessage } from './prompt.js'

type Fields = Readonly<Record<string, unknown>>

/** Is what a model is called with; the prompt differs by specification only in how it holds files. */
export interface CallOptions {
  prompt: PromptMessage[]
  maxOutputTokens?: number
  temperature?: number
  topP?: number
  stopSequences?: string[]
  seed?: number
  responseFormat?: { type: 'text' } | { type: 'json'; schema?: JsonSchema; name?: string }
  tools?: { type: 'function'; name: string; description: string; inputSchema: JsonSchema }[]
  toolChoice?: { type: 'auto' | 'none' | 'required' } | { type: 'tool'; toolName: string }
  /** Only in v4. */
  reasoning?: 'none' | 'minimal' | 'low' | 'medium' | 'high'
  providerOptions?: Record<string, Fields>
  headers?: Record<string, string>
  abortSignal?: AbortSignal
}

/** Is what an embedding model is called with. */
export interface EmbedCallOptions {
  values: string[]
  /** Only in v4. */
  dimensions?: number
  providerOptions?: Record<string, Fields>
  headers?: Record<string, string>
  abortSignal?: AbortSignal
}

/** Is a request for a model; what the model warns of while it answers is added to the warnings. */
export interface SdkWire extends WireRequest {
  readonly params: CallOptions
  readonly warnings: CoreWarning[]
}

/** Is a request for an embedding model. */
export interface SdkEmbedWire extends EmbedWire {
  readonly params: EmbedCallOptions
  readonly warnings: CoreWarning[]
}

/** What is meant for providers stays theirs; what is meant for the call itself is merged into it. */
function ownOptions(request: Pick<CoreRequest, 'providerOptions'>): {
  own: Fields
  providerOptions?: Record<string, Fields>
} {
  const own = providerParams(request, BAG)
  const others = Object.entries(request.providerOptions ?? {}).flatMap(([name, value]) => {
    if (name === BAG || value === undefined) return []
    if (isRecord(value)) return [[name, value] as const]
    throw new AiosError('AIOS_LLM_BAD_REQUEST', `Expected an object for providerOptions.${name}, got ${typeof value}.`)
  })
  return others.length === 0 ? { own } : { own, providerOptions: Object.fromEntries(others) }
}

function tooling(request: CoreRequest, names: ToolNameMap): Pick<CallOptions, 'tools' | 'toolChoice'> {
  const { tools = [], toolChoice } = request
  const choice = typeof toolChoice === 'object' ? chosenTool(toolChoice.tool, request) : toolChoice
  return {
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: 'function' as const,
            name: names.toWire(name),
            description,
            inputSchema,
          })),
        }),
    ...(choice === undefined
      ? {}
      : {
          toolChoice:
            typeof toolChoice === 'object' ? { type: 'tool', toolName: names.toWire(choice) } : { type: toolChoice! },
        }),
  }
}

function format({ responseFormat }: CoreRequest): Pick<CallOptions, 'responseFormat'> {
  if (responseFormat === undefined) return {}
  if (responseFormat.type === 'text') return { responseFormat: { type: 'text' } }
  const { schema, name } = responseFormat
  return {
    responseFormat: {
      type: 'json',
      ...(schema === undefined ? {} : { schema }),
      ...(name === undefined ? {} : { name }),
    },
  }
}

function reasoning(
  { reasoning: effort }: CoreRequest,
  { specificationVersion: spec }: SdkModel,
  warnings: CoreWarning[],
): Pick<CallOptions, 'reasoning'> {
  if (effort === undefined) return {}
  if (spec === 'v4') return { reasoning: effort }
  const message = `Models of specification ${spec} take no reasoning effort. Say it in providerOptions, as their provider names it.`
  warnings.push({ setting: 'reasoning', message })
  return {}
}

/** Names the options in which a model of OpenAI, also one that Azure serves, is told whether a schema is strict. */
const STRICT = 'strictJsonSchema'
const OPENAI_MODEL = /^(?:openai|azure)(?:[.-]|$)/

/**
 * Takes back the strict schemas that OpenAI's own models of the AI SDK ask for by themselves: OpenAI then refuses every schema that
 * has optional fields or leaves others open, which other models take. Whoever says in either bag what they want gets it.
 */
function lenient(
  { responseFormat, providerOptions }: CallOptions,
  { provider, specificationVersion: spec }: SdkModel,
): Pick<CallOptions, 'providerOptions'> {
  if (responseFormat?.type !== 'json' || responseFormat.schema === undefined) return {}
  // Those of v2 ask for no strict schema by themselves.
  if (spec === 'v2' || !OPENAI_MODEL.test(provider)) return {}
  const { openai, azure } = providerOptions ?? {}
  if (typeof (openai?.[STRICT] ?? azure?.[STRICT]) === 'boolean') return {}
  return {
    providerOptions: {
      ...providerOptions,
      openai: { ...openai, [STRICT]: false },
      // Where there is this bag, a model on Azure may not look into the other.
      ...(azure === undefined ? {} : { azure: { ...azure, [STRICT]: false } }),
    },
  }
}

/**
 * Translates a request. `providerOptions['ai-sdk']` is merged into what the model is called with, and wins; the rest of
 * `providerOptions` goes to the model as it is.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for what has no place in a prompt
 */
export function toCallOptions(request: CoreRequest, model: SdkModel): SdkWire {
  const names = toolNameMap(requestToolNames(request))
  const warnings: CoreWarning[] = []
  const { temperature, topP, maxOutputTokens, stop, seed } = request
  const { own, providerOptions } = ownOptions(request)
  const params: CallOptions = {
    prompt: toPrompt(request.messages, { names, warnings, model }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop === undefined ? {} : { stopSequences: [...stop] }),
    ...(seed === undefined ? {} : { seed }),
    ...format(request),
    ...tooling(request, names),
    ...reasoning(request, model, warnings),
    ...(providerOptions === undefined ? {} : { providerOptions }),
    ...own,
  }
  return { params: { ...params, ...lenient(params, model) }, names, warnings }
}

/**
 * Translates a request for vectors.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if something in its `providerOptions` is no object
 */
export function toEmbedOptions(request: CoreEmbedRequest, { specificationVersion: spec }: SdkModel): SdkEmbedWire {
  const { input, dimensions } = request
  const { own, providerOptions } = ownOptions(request)
  const warnings: CoreWarning[] = []
  if (dimensions !== undefined && spec !== 'v4') {
    const message = `Embedding models of specification ${spec} take no dimensions. Say it in providerOptions, as their provider names it.`
    warnings.push({ setting: 'dimensions', message })
  }
  const params: EmbedCallOptions = {
    values: [...input],
    ...(dimensions === undefined || spec !== 'v4' ? {} : { dimensions }),
    ...(providerOptions === undefined ? {} : { providerOptions }),
    ...own,
  }
  return { params, warnings }
}
