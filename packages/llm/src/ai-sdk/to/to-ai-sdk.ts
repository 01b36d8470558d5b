import type { Kernel, Sys } from '@aios/kernel'
import type { AiSdkSpec } from '../spec-version.js'
import { answerMetadata, toContent } from './app-content.js'
import { toFinish, toUsage, toWarnings } from './app-ending.js'
import { toChatRequest, toEmbedRequest } from './app-request.js'
import { toAppStream } from './app-stream.js'
import { toCallError } from './call-error.js'
import type { AppAnswer, AppCall, KernelEmbeddingModel, KernelLanguageModel } from './served-model.js'
import { checkToOptions, type ToAiSdkOptions } from './to-options.js'

const PROVIDER = 'aios'

interface Served<S extends AiSdkSpec> {
  readonly sys: Sys
  readonly spec: S
  readonly model: string | undefined
}

/** Waits for the kernel; its errors become those of the AI SDK. */
async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toCallError(error)
  }
}

async function generate<S extends AiSdkSpec>(call: AppCall, { sys, spec, model }: Served<S>): Promise<AppAnswer<S>> {
  const { request, options, warnings } = toChatRequest(call, model)
  const reply = await sys.llm.chat(request, options)
  const metadata = reply.message.content.map(answerMetadata).find((each) => each !== undefined)
  return {
    content: toContent(reply.message.content, spec),
    finishReason: toFinish(reply.finish, spec),
    usage: toUsage(reply.usage, spec),
    warnings: toWarnings([...warnings, ...reply.warnings], spec),
    response: { modelId: reply.model },
    ...(metadata === undefined ? {} : { providerMetadata: metadata }),
  }
}

function languageModel<S extends AiSdkSpec>(served: Served<S>): KernelLanguageModel<S> {
  const { sys, spec, model } = served
  return {
    specificationVersion: spec,
    provider: PROVIDER,
    modelId: model ?? 'kernel',
    supportedUrls: {},
    doGenerate: (call) => answered(() => generate(call, served)),
    doStream: (call) =>
      answered(async () => {
        const { request, options, warnings } = toChatRequest(call, model)
        const answer = sys.llm.stream(request, options)
        return { stream: await toAppStream(answer, { spec, warnings, signal: call.abortSignal }) }
      }),
  }
}

function embeddingModel<S extends AiSdkSpec>({ sys, spec, model }: Served<S>): KernelEmbeddingModel<S> {
  return {
    specificationVersion: spec,
    provider: PROVIDER,
    modelId: model ?? 'kernel',
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: true,
    doEmbed: (call) =>
      answered(async () => {
        // An app may embed what it found, and have found nothing; the kernel takes no such request.
        if (call.values.length === 0) return { embeddings: [], warnings: [] }
        const { request, options } = toEmbedRequest(call, model)
        const { vectors, usage, warnings } = await sys.llm.embed(request, options)
        const tokens = usage.input.total
        return {
          embeddings: vectors.map((vector) => Array.from(vector)),
          ...(tokens === undefined ? {} : { usage: { tokens } }),
          warnings: toWarnings(warnings, spec),
        }
      }),
  }
}

/**
 * Makes a model for apps of the AI SDK (package `ai`) whose every call is a syscall of a kernel: queued, scheduled, budgeted,
 * limited and tried again like any other. Nothing of the AI SDK is imported.
 *
 * Tools of the app are only described to the core: the AI SDK runs them. `providerOptions.aios` of a call are the options of the
 * syscall, such as `priority` and `deadlineMs`; the rest goes to the core. Errors are `APICallError`s, the kernel's own their
 * `cause`. The kernel has tried again where that could help: pass `maxRetries: 0`.
 *
 * @param kernel - serves the calls; closing it ends the model
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { toAiSdk } from '@aios/llm/ai-sdk'
 * import { scriptedCore } from '@aios/llm/testing'
 * import { generateText } from 'ai'
 *
 * const kernel = await createKernel({ llm: scriptedCore(['Hello!']) })
 * const model = toAiSdk(kernel, { as: { name: 'web', priority: 5 } })
 * const { text } = await generateText({ model, prompt: 'Say hello.', maxRetries: 0 })
 * console.log(text) // Hello!
 * await kernel.close()
 * ```
 */
export function toAiSdk<S extends AiSdkSpec = 'v3'>(
  kernel: Pick<Kernel, 'sys'>,
  options: ToAiSdkOptions<S> & { readonly use: 'embed' },
): KernelEmbeddingModel<S>
/** Makes a language model. */
export function toAiSdk<S extends AiSdkSpec = 'v3'>(
  kernel: Pick<Kernel, 'sys'>,
  options?: ToAiSdkOptions<S> & { readonly use?: 'chat' | undefined },
): KernelLanguageModel<S>
export function toAiSdk(
  kernel: Pick<Kernel, 'sys'>,
  options: ToAiSdkOptions = {},
): KernelLanguageModel<AiSdkSpec> | KernelEmbeddingModel<AiSdkSpec> {
  checkToOptions(options)
  const { specification: spec = 'v3', model, as, use = 'chat' } = options
  const served = { sys: as === undefined ? kernel.sys() : kernel.sys(as), spec, model }
  return use === 'embed' ? embeddingModel(served) : languageModel(served)
}
