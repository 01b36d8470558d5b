import type { ChatRequest, CoreRequest, CoreWarning, ToolChoice } from '@aios/kernel'
import type { Target, WireRequest } from '../core/protocol.js'
import { providerParams } from '../core/provider-params.js'
import { isRecord } from '../core/record.js'
import { chosenTool, requestToolNames } from '../tool-call/request-tools.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import { functionNames } from './function-names.js'
import { isGemini3, thinkingConfig } from './thinking-config.js'
import { toWireContents } from './wire-contents.js'
import type { WireBody, WirePart } from './wire-content.js'

/** Is a request as Gemini's API takes it, with what is needed to read the answer. */
export interface GenerateWire extends WireRequest {
  readonly model: string
  readonly params: WireBody
}

type Fields = Readonly<Record<string, unknown>>

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const

function callingConfig(choice: ToolChoice, request: CoreRequest, names: ToolNameMap): Fields {
  if (typeof choice === 'string') return { mode: MODES[choice] }
  return { mode: 'ANY', allowedFunctionNames: [names.toWire(chosenTool(choice.tool, request))] }
}

function toolFields(request: CoreRequest, names: ToolNameMap): Pick<WireBody, 'tools' | 'toolConfig'> {
  // The provider rejects an empty list, and a choice without one.
  if (request.tools === undefined || request.tools.length === 0) return {}
  const functionDeclarations = request.tools.map(({ name, description, inputSchema }) => ({
    name: names.toWire(name),
    description,
    parametersJsonSchema: inputSchema,
  }))
  const tools = [{ functionDeclarations }]
  if (request.toolChoice === undefined) return { tools }
  return { tools, toolConfig: { functionCallingConfig: callingConfig(request.toolChoice, request, names) } }
}

function formatFields(format: ChatRequest['responseFormat']): Fields {
  if (format?.type !== 'json') return {}
  return { responseMimeType: 'application/json', responseJsonSchema: format.schema }
}

function generationConfig(request: CoreRequest, model: string, warnings: CoreWarning[]): Fields {
  const { reasoning, stop } = request
  return defined({
    temperature: request.temperature,
    topP: request.topP,
    maxOutputTokens: request.maxOutputTokens,
    stopSequences: stop === undefined || stop.length === 0 ? undefined : stop,
    seed: request.seed,
    ...formatFields(request.responseFormat),
    thinkingConfig: reasoning === undefined ? undefined : thinkingConfig(reasoning, model, warnings),
  })
}

const within = (own: unknown, fields: Fields | undefined): unknown =>
  isRecord(own) && fields !== undefined ? { ...fields, ...own } : own

/** Merges what the caller says in the provider's words: settings win one by one, tools come beside those of the request. */
function merged(body: WireBody, own: Fields): WireBody {
  const both: Record<string, unknown> = { ...body, ...own }
  for (const name of ['generationConfig', 'toolConfig'] as const) {
    if (own[name] !== undefined) both[name] = within(own[name], body[name])
  }
  if (Array.isArray(own['tools'])) both['tools'] = [...(body.tools ?? []), ...(own['tools'] as readonly WirePart[])]
  return both as unknown as WireBody
}

/**
 * Translates a request.
 *
 * @param request - what the kernel hands to the core
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for what the API cannot express
 */
export function toGenerateWire(request: CoreRequest, { model, host }: Target): GenerateWire {
  const names = functionNames(requestToolNames(request))
  const warnings: CoreWarning[] = []
  const { system, contents } = toWireContents(request.messages, { names, host, isGemini3: isGemini3(model), warnings })
  const settings = generationConfig(request, model, warnings)
  const body: WireBody = {
    contents,
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
    ...toolFields(request, names),
    ...(Object.keys(settings).length === 0 ? {} : { generationConfig: settings }),
  }
  return { model, params: merged(body, providerParams(request, 'google')), names, warnings }
}
