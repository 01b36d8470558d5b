/** A model of the AI SDK by its shape alone, of any specification, that does what a test wants. */
import type { AiSdkEmbeddingModel, AiSdkLanguageModel, AiSdkSpec } from '@aios/llm/ai-sdk'

export type Fields = Readonly<Record<string, unknown>>

export interface CallOptions extends Fields {
  readonly prompt: readonly (Fields & { readonly role: string })[]
  readonly abortSignal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  readonly providerOptions?: Fields
}

/** Writes numbers the way a specification does. */
export function sdkUsage(
  spec: AiSdkSpec,
  usage: Partial<Record<'input' | 'output' | 'cacheRead' | 'reasoning', number | undefined>> = {},
) {
  const { input, output, cacheRead, reasoning } = usage
  if (spec === 'v2') {
    const totalTokens = input === undefined || output === undefined ? undefined : input + output
    return {
      inputTokens: input,
      outputTokens: output,
      totalTokens,
      cachedInputTokens: cacheRead,
      reasoningTokens: reasoning,
    }
  }
  const rest = (total?: number, part?: number) => (total === undefined || part === undefined ? undefined : total - part)
  return {
    inputTokens: { total: input, noCache: rest(input, cacheRead), cacheRead, cacheWrite: undefined },
    outputTokens: { total: output, text: rest(output, reasoning), reasoning },
  }
}

export const sdkFinish = (spec: AiSdkSpec, unified: string, raw: string | undefined = unified) =>
  spec === 'v2' ? unified : { unified, raw }

export const finished = (spec: AiSdkSpec, reason = 'stop', more: Fields = {}) => ({
  type: 'finish',
  finishReason: sdkFinish(spec, reason),
  usage: sdkUsage(spec, { input: 3, output: 2 }),
  ...more,
})

/** An error as provider packages throw it, but of no class of theirs. */
export function apiCallError(fields: Fields): Error {
  const error = new Error('As the case demands.')
  return Object.assign(error, { name: 'AI_APICallError', url: 'http://127.0.0.1', isRetryable: false, ...fields })
}

export interface Behaviour {
  readonly spec: AiSdkSpec
  readonly provider?: string
  readonly supportedUrls?: unknown
  generate?(options: CallOptions): unknown
  /** Writes the parts of a stream, and returns how it ends: with an error, with `hang`, or else properly. */
  stream?(write: (part: Fields) => void, options: CallOptions): unknown
  /** Is told that the reader has gone. */
  left?(): void
  /** Is told of every part that is read. */
  given?(): void
}

export function languageModel(behaviour: Behaviour) {
  const asked: CallOptions[] = []
  const { spec, provider = 'test.chat', supportedUrls = {} } = behaviour
  const model = {
    specificationVersion: spec,
    provider,
    modelId: 'test-1',
    supportedUrls,
    async doGenerate(options: CallOptions) {
      asked.push(options)
      return (await behaviour.generate?.(options)) as object
    },
    async doStream(options: CallOptions) {
      asked.push(options)
      let isLeft = false
      const leave = () => {
        if (!isLeft) behaviour.left?.()
        isLeft = true
      }
      const parts: Fields[] = []
      const ending = await behaviour.stream?.((part) => void parts.push(part), options)
      // A stream that fails loses what was not read yet: its parts are given one by one.
      const stream = new ReadableStream<Fields>(
        {
          pull(controller) {
            const part = parts.shift()
            if (part !== undefined) {
              behaviour.given?.()
              return controller.enqueue(part)
            }
            if (ending === 'hang') return new Promise(() => undefined)
            leave()
            if (ending instanceof Error) controller.error(ending)
            else controller.close()
          },
          cancel: leave,
        },
        { highWaterMark: 0 },
      )
      return { stream, response: { headers: { 'x-ratelimit-remaining-requests': '7' } } }
    },
  }
  return { model: model as AiSdkLanguageModel & typeof model, asked }
}

export function embeddingModel(
  spec: AiSdkSpec,
  embed: (values: string[], options: Fields) => unknown,
  more: Fields = {},
) {
  const asked: Fields[] = []
  const model = {
    specificationVersion: spec,
    provider: 'test.embedding',
    modelId: 'embed-1',
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: false,
    ...more,
    async doEmbed(options: Fields & { values: string[] }) {
      asked.push(options)
      return (await embed(options.values, options)) as object
    },
  }
  return { model: model as AiSdkEmbeddingModel & typeof model, asked }
}
