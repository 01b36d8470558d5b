import { AiosError, describeValue } from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import { AI_SDK_SPECS, type AiSdkSpec } from '../spec-version.js'
import type { CallOptions, EmbedCallOptions } from './call-options.js'

/** Is a language model of the AI SDK, by its shape: whatever a provider package or a mock of `ai/test` returns. */
export interface AiSdkLanguageModel {
  readonly specificationVersion: AiSdkSpec
  readonly provider: string
  readonly modelId: string
  // A method that takes `never` is any method of one argument: each specification has options of its own.
  doGenerate(options: never): PromiseLike<object>
  doStream(options: never): PromiseLike<{ readonly stream: object }>
}

/** Is an embedding model of the AI SDK, by its shape. */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: AiSdkSpec
  readonly provider: string
  readonly modelId: string
  doEmbed(options: never): PromiseLike<object>
}

/** Is what is read of a model, of either kind. What it answers is taken apart as it comes. */
export interface SdkModel {
  readonly specificationVersion: AiSdkSpec
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls?: unknown
  readonly maxEmbeddingsPerCall?: unknown
  readonly supportsParallelCalls?: unknown
  doGenerate?(options: CallOptions): PromiseLike<unknown>
  doStream?(options: CallOptions): PromiseLike<unknown>
  doEmbed?(options: EmbedCallOptions): PromiseLike<unknown>
}

function refused(got: string): AiosError {
  const specs = AI_SDK_SPECS.join(', ')
  const message = `Expected a language or embedding model of the AI SDK (specification ${specs}) for fromAiSdk(), got ${got}. Pass what a provider returns, such as openai('gpt-5').`
  return new AiosError('AIOS_INVALID_OPTION', message)
}

const has = (model: object, method: string): boolean =>
  typeof (model as Readonly<Record<string, unknown>>)[method] === 'function'

/**
 * Checks that something is a model, of a specification that is spoken here. It may be an instance of any class.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`, saying what came
 */
export function checkModel(model: unknown): SdkModel {
  if (!isRecord(model)) throw refused(typeof model === 'function' ? 'a provider itself' : describeValue(model))
  const { specificationVersion: spec, provider, modelId } = model
  if (!AI_SDK_SPECS.includes(spec as AiSdkSpec))
    throw refused(
      spec === undefined
        ? `${describeValue(model)} and no specificationVersion`
        : `specificationVersion ${describeValue(spec)}`,
    )
  if (typeof provider !== 'string' || typeof modelId !== 'string' || modelId === '')
    throw refused(`provider ${describeValue(provider)} and modelId ${describeValue(modelId)}`)
  const answers = has(model, 'doGenerate') && has(model, 'doStream')
  if (!answers && !has(model, 'doEmbed'))
    throw refused('a model of another kind: it has no doGenerate and doStream, and no doEmbed')
  return model as unknown as SdkModel
}
