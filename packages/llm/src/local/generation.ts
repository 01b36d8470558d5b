import { AiosError, type StreamPart } from '@aios/kernel/driver'
import { Answer, type AnswerPlan } from './answer.js'
import type { AnswerTask, LocalEngine, LocalSequence } from './local-engine.js'
import type { Sampling } from './sampling.js'
import { sealed, type SavedAnswer } from './saved-answer.js'

/** Is what one answer is generated from. */
export interface GenerationParts {
  readonly plan: AnswerPlan & { readonly engine: LocalEngine; readonly task: AnswerTask }
  readonly sampling: Sampling
  /** Names the request; see `requestName`. */
  readonly requestName: string
  readonly caller: AbortSignal
  /** Where it goes on; undefined for a new answer. */
  readonly from?: SavedAnswer | undefined
}

/** Generates one answer on a sequence of its own, a token at a time, so that it can be saved between any two parts. */
export class Generation {
  readonly #parts: GenerationParts
  readonly #answer: Answer
  readonly #controller = new AbortController()
  #sequence: LocalSequence | undefined
  /** Settles when the engine is done with what it was last asked for. */
  #idle: Promise<unknown> = Promise.resolve()
  #yielded: number

  constructor(parts: GenerationParts) {
    this.#parts = parts
    this.#answer = new Answer(parts.plan)
    this.#yielded = parts.from?.yielded ?? 0
  }

  /** Ends it: whoever waits for a part gets the reason. */
  stop(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** Yields the parts; of an answer that goes on, those after the ones that were yielded before. */
  async *parts(): AsyncGenerator<StreamPart, void, undefined> {
    const { caller, plan, from, sampling } = this.#parts
    const onAbort = (): void => {
      this.stop(caller.reason)
    }
    if (caller.aborted) onAbort()
    else caller.addEventListener('abort', onAbort, { once: true })
    try {
      const hold = { prompt: plan.prompt, sampling, signal: this.#controller.signal }
      this.#sequence = await plan.task.lend(hold)
      yield* this.#told(from)
      while (!this.#answer.isOver) yield* this.#new(this.#answer.add(await this.#draw(this.#sequence)))
    } finally {
      caller.removeEventListener('abort', onAbort)
      const sequence = this.#sequence
      this.#sequence = undefined
      sequence?.release(this.#idle)
    }
  }

  /** Returns where it stands, between two parts. */
  async save(): Promise<SavedAnswer> {
    const { plan, requestName, sampling } = this.#parts
    const sequence = this.#sequence
    if (sequence?.canSave !== true) {
      const message =
        'Expected an answer that is being generated, and an engine that can go on in its grammar, got none.'
      throw new AiosError('AIOS_UNSUPPORTED', message)
    }
    const tokens = Uint32Array.from(this.#answer.tokens)
    const hasRead = sequence.readTokens > 0 && !this.#answer.isOver
    const yielded = this.#yielded
    const memory = hasRead ? await sequence.save() : undefined
    const prompt = Uint32Array.from(plan.prompt)
    return sealed({
      engine: plan.engine.name,
      request: requestName,
      seed: sampling.seed,
      prompt,
      tokens,
      yielded,
      memory,
    })
  }

  /** Yields what begins the answer, or takes up what there is of it. */
  async *#told(from: SavedAnswer | undefined): AsyncGenerator<StreamPart, void, undefined> {
    let left = from?.yielded ?? 0
    const tokens = [...(from?.tokens ?? [])]
    this.#sequence?.replay(tokens)
    if (from?.memory !== undefined) await this.#load(from.memory, tokens)
    const parts = [...this.#answer.begin(), ...tokens.flatMap((token) => this.#answer.add(token))]
    const rest: StreamPart[] = []
    for (const part of parts) {
      if (left > 0) left -= 1
      else rest.push(part)
    }
    yield* this.#new(rest)
  }

  *#new(parts: readonly StreamPart[]): Generator<StreamPart, void, undefined> {
    for (const part of parts) {
      // Counted before it is out of hand: whoever saves has it.
      this.#yielded += 1
      yield part
    }
  }

  async #load(memory: Uint8Array, drawn: readonly number[]): Promise<void> {
    const { plan } = this.#parts
    const sequence = this.#sequence as LocalSequence
    await this.#during(sequence.load(memory, drawn))
    const wanted = plan.prompt.length + drawn.length - 1
    if (sequence.readTokens === wanted) return
    const message = `Expected the memory of ${wanted} tokens, got that of ${sequence.readTokens}. Ask again from the beginning.`
    throw new AiosError('AIOS_CORRUPT', message)
  }

  /** Draws the next token, once everything before it has been read. */
  async #draw(sequence: LocalSequence): Promise<number> {
    this.#controller.signal.throwIfAborted()
    return this.#during(sequence.draw(this.#answer.tokens))
  }

  /** Waits for the engine, or for the end of the call; the engine is left to finish by itself then. */
  async #during<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#controller
    this.#idle = work.catch(() => undefined)
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error)
      }
      if (signal.aborted) {
        onAbort()
        return
      }
      signal.addEventListener('abort', onAbort, { once: true })
      work.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onAbort)
      })
    })
  }
}
