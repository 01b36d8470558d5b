import type { ChatStream, CoreWarning, StreamPart } from '@aios/kernel'
import type { AiSdkSpec } from '../spec-version.js'
import { answerMetadata, toolCallContent, wholeContent } from './app-content.js'
import { toFinish, toUsage, toWarnings } from './app-ending.js'
import { carried, toMetadata } from './app-state.js'
import { toCallError } from './call-error.js'
import type { AppMetadata, AppStreamPart } from './served-model.js'

/** Translates the parts of one streamed answer. */
class StreamTranslation<S extends AiSdkSpec> {
  readonly #spec: S
  readonly #warnings: readonly CoreWarning[]
  #metadata: AppMetadata | undefined
  #wholes = 0

  constructor(spec: S, warnings: readonly CoreWarning[]) {
    this.#spec = spec
    this.#warnings = warnings
  }

  translate(part: StreamPart): AppStreamPart<S>[] {
    switch (part.type) {
      case 'start':
        return [
          { type: 'stream-start', warnings: toWarnings([...this.#warnings, ...(part.warnings ?? [])], this.#spec) },
        ]
      case 'response-metadata':
        return [described(part)]
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-input-delta':
        return [{ type: part.type, id: part.id, delta: part.text }]
      case 'text-end':
      case 'reasoning-end':
        return [{ type: part.type, id: part.id, ...toMetadata(part.opaque) }]
      case 'tool-input-start':
        return [{ type: part.type, id: part.id, toolName: part.name }]
      case 'tool-call':
        return [toolCallContent(part)]
      case 'part':
        return this.#whole(part.part)
      case 'finish':
        return [this.#finish(part)]
      default:
        return [{ type: part.type, id: part.id }]
    }
  }

  #whole(part: Extract<StreamPart, { readonly type: 'part' }>['part']): AppStreamPart<S>[] {
    this.#metadata ??= answerMetadata(part)
    if (answerMetadata(part) !== undefined) return []
    this.#wholes += 1
    const whole = wholeContent(part, this.#spec, `source-${this.#wholes}`)
    if (whole !== undefined) return [whole]
    const id = `carried-${this.#wholes}`
    return [
      { type: 'reasoning-start', id, ...carried(part) },
      { type: 'reasoning-end', id, ...carried(part) },
    ]
  }

  #finish({ finish, usage }: Extract<StreamPart, { readonly type: 'finish' }>): AppStreamPart<S> {
    return {
      type: 'finish',
      finishReason: toFinish(finish, this.#spec),
      usage: toUsage(usage, this.#spec),
      ...(this.#metadata === undefined ? {} : { providerMetadata: this.#metadata }),
    }
  }
}

function described({
  responseId,
  model,
}: Extract<StreamPart, { readonly type: 'response-metadata' }>): AppStreamPart<never> {
  return {
    type: 'response-metadata',
    ...(responseId === undefined ? {} : { id: responseId }),
    ...(model === undefined ? {} : { modelId: model }),
  }
}

/** Is a stream of the kernel, for an app. */
export interface StreamServing<S extends AiSdkSpec> {
  readonly spec: S
  readonly warnings: readonly CoreWarning[]
  readonly signal: AbortSignal | undefined
}

/**
 * Turns a stream of the kernel into one of the AI SDK. Rejects with what comes before the first part, which the AI SDK may try
 * again; a later error is a part of the stream, and an abort of the app breaks it off.
 */
export async function toAppStream<S extends AiSdkSpec>(
  answer: ChatStream,
  { spec, warnings, signal }: StreamServing<S>,
): Promise<ReadableStream<AppStreamPart<S>>> {
  const translation = new StreamTranslation(spec, warnings)
  const parts = answer[Symbol.asyncIterator]()
  let next: IteratorResult<StreamPart> | undefined = await parts.next()
  return new ReadableStream<AppStreamPart<S>>(
    {
      async pull(controller) {
        try {
          // Nobody pulls again after a pull that brought nothing.
          for (let said: AppStreamPart<S>[] = []; said.length === 0;) {
            const read: IteratorResult<StreamPart, unknown> = next ?? (await parts.next())
            next = undefined
            if (read.done === true) return controller.close()
            said = translation.translate(read.value)
            for (const part of said) controller.enqueue(part)
          }
        } catch (error) {
          if (signal?.aborted === true) return controller.error(error)
          controller.enqueue({ type: 'error', error: toCallError(error) })
          controller.close()
        }
      },
      async cancel() {
        await parts.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
