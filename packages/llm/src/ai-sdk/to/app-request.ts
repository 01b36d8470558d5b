import type { ChatRequest, CoreWarning, SyscallOptions, ToolChoice, ToolSpec } from '@aios/kernel'
import type { EmbedRequest } from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import { AIOS } from './app-state.js'
import { toMessages } from './app-message.js'
import type { AppCall, AppEmbedCall } from './served-model.js'

type Fields = Readonly<Record<string, unknown>>

/** Is a call of an app as the kernel takes it. */
export interface KernelCall {
  readonly request: ChatRequest
  readonly options: SyscallOptions
  /** Says what of the call the kernel has no word for. */
  readonly warnings: readonly CoreWarning[]
}

/** Is a call of an app for vectors as the kernel takes it. */
export interface KernelEmbedCall {
  readonly request: EmbedRequest
  readonly options: SyscallOptions
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high'] as const
type Effort = (typeof EFFORTS)[number]

/** Are settings that no request of a kernel has. */
const UNKNOWN = ['topK', 'presencePenalty', 'frequencyPenalty'] as const

function dropped(call: AppCall): CoreWarning[] {
  const advice = 'A request of the kernel has no such setting. Say it in providerOptions, as the provider names it.'
  const settings = UNKNOWN.filter((name) => call[name] !== undefined)
  // The AI SDK itself names its version in one.
  const isHeaded = Object.keys(call.headers ?? {}).some((name) => name.toLowerCase() !== 'user-agent')
  const headers = { setting: 'headers', message: "Headers are the cores' own. Give them to the core." }
  const raw = { setting: 'includeRawChunks', message: 'What a provider sends does not go through the kernel.' }
  return [
    ...settings.map((setting) => ({ setting, message: advice })),
    ...(isHeaded ? [headers] : []),
    ...(call.includeRawChunks === true ? [raw] : []),
  ]
}

const UNKNOWN_OF_TOOL = ['strict', 'inputExamples', 'providerOptions'] as const

function lostOfTool(name: string, fields: readonly string[]): string {
  return `${fields.join(', ')} of the tool "${name}" was left out: a tool of the kernel is a name, a description and a schema.`
}

/** Only descriptions go to the kernel: the app runs its tools itself. */
function toolsOf(tools: AppCall['tools'], warnings: CoreWarning[]): ToolSpec[] {
  return (tools ?? []).flatMap((tool): ToolSpec[] => {
    const { type, name, description, inputSchema } = tool as Fields
    if (type === 'function') {
      const unknown = UNKNOWN_OF_TOOL.filter((field) => (tool as Fields)[field] !== undefined)
      if (unknown.length > 0) warnings.push({ setting: 'tools', message: lostOfTool(String(name), unknown) })
      return [
        {
          name: String(name),
          description: typeof description === 'string' ? description : '',
          inputSchema: isRecord(inputSchema) ? inputSchema : { type: 'object' },
        },
      ]
    }
    const message = `The tool "${String(name)}" was left out: a tool that a provider runs cannot be asked for through a kernel.`
    warnings.push({ setting: 'tools', message })
    return []
  })
}

function choiceOf(choice: AppCall['toolChoice']): { readonly toolChoice?: ToolChoice } {
  const { type, toolName } = (choice ?? {}) as Fields
  if (type === 'tool') return { toolChoice: { tool: String(toolName) } }
  return type === 'auto' || type === 'none' || type === 'required' ? { toolChoice: type } : {}
}

function formatOf(format: AppCall['responseFormat']): Pick<ChatRequest, 'responseFormat'> {
  const { type, schema, name } = (format ?? {}) as Fields
  if (type !== 'json') return {}
  return {
    responseFormat: {
      type,
      ...(isRecord(schema) ? { schema } : {}),
      ...(typeof name === 'string' ? { name } : {}),
    },
  }
}

function effortOf({ reasoning }: AppCall, warnings: CoreWarning[]): { readonly reasoning?: Effort } {
  if (reasoning === undefined || reasoning === 'provider-default') return {}
  if (EFFORTS.includes(reasoning as Effort)) return { reasoning: reasoning as Effort }
  warnings.push({ setting: 'reasoning', message: `The kernel knows no effort "${reasoning}"; "high" was asked for.` })
  return { reasoning: 'high' }
}

/** What an app says to the kernel in `providerOptions.aios` are the options of the syscall; the rest is for providers. */
function ownOptions({ providerOptions = {}, abortSignal }: Pick<AppCall, 'providerOptions' | 'abortSignal'>) {
  const { [AIOS]: own, ...others } = providerOptions
  return {
    options: { ...(own as SyscallOptions | undefined), ...(abortSignal === undefined ? {} : { signal: abortSignal }) },
    providerOptions: Object.keys(others).length === 0 ? {} : { providerOptions: others },
  }
}

/**
 * Translates a call of an app.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a prompt that no conversation can be
 */
export function toChatRequest(call: AppCall, model: string | undefined): KernelCall {
  const warnings = dropped(call)
  const { maxOutputTokens, temperature, topP, stopSequences, seed } = call
  const { options, providerOptions } = ownOptions(call)
  const tools = toolsOf(call.tools, warnings)
  const request: ChatRequest = {
    messages: toMessages(call.prompt, warnings),
    ...(model === undefined ? {} : { model }),
    ...(tools.length === 0 ? {} : { tools, ...choiceOf(call.toolChoice) }),
    ...formatOf(call.responseFormat),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stopSequences === undefined || stopSequences.length === 0 ? {} : { stop: stopSequences }),
    ...(seed === undefined ? {} : { seed }),
    ...effortOf(call, warnings),
    ...providerOptions,
  }
  return { request, options, warnings }
}

/** Translates a call of an app for vectors. */
export function toEmbedRequest(call: AppEmbedCall, model: string | undefined): KernelEmbedCall {
  const { values, dimensions } = call
  const { options, providerOptions } = ownOptions(call)
  const request = {
    input: [...values],
    ...(model === undefined ? {} : { model }),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...providerOptions,
  }
  return { request, options }
}
