import { AiosError, type StreamPart } from '@aios/kernel'
import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import { Answer, type AnswerPlan } from './answer.js'
import { GrammarProgress } from './grammar-replay.js'
import { drawOptions, type Sampling } from './sampling.js'
import { sealed, type SavedAnswer } from './saved-answer.js'

/** Is what one answer is generated from. */
export interface GenerationParts {
  readonly plan: AnswerPlan
  readonly sampling: Sampling
  /** Names the request; see `requestName`. */
  readonly requestName: string
  readonly caller: AbortSignal
  /** Prompt tokens that are read in one go. */
  readonly batchSize: number
  /** Where it goes on; undefined for a new answer. */
  readonly from?: SavedAnswer | undefined
}

/** Generates one answer on a sequence of its own, a token at a time, so that it can be saved between any two parts. */
export class Generation {
  readonly #parts: GenerationParts
  readonly #answer: Answer
  readonly #grammar: GrammarProgress | undefined
  readonly #controller = new AbortController()
  #sequence: LlamaContextSequence | undefined
  /** Settles when the engine is done with what it was last asked for. */
  #idle: Promise<unknown> = Promise.resolve()
  #yielded: number

  constructor(parts: GenerationParts) {
    this.#parts = parts
    this.#answer = new Answer(parts.plan)
    this.#yielded = parts.from?.yielded ?? 0
    const { engine, rule } = parts.plan
    const { llama, model } = engine
    this.#grammar =
      rule.grammar === undefined ? undefined : new GrammarProgress(engine.sdk, { llama, model, grammar: rule.grammar })
  }

  /** Ends it: whoever waits for a part gets the reason. */
  stop(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** Yields the parts; of an answer that goes on, those after the ones that were yielded before. */
  async *parts(): AsyncGenerator<StreamPart, void, undefined> {
    const { caller, plan, from } = this.#parts
    const onAbort = (): void => {
      this.stop(caller.reason)
    }
    if (caller.aborted) onAbort()
    else caller.addEventListener('abort', onAbort, { once: true })
    try {
      this.#sequence = await plan.engine.pool.acquire(this.#controller.signal)
      yield* this.#told(from)
      while (!this.#answer.isOver) yield* this.#new(this.#answer.add(await this.#draw(this.#sequence)))
    } finally {
      caller.removeEventListener('abort', onAbort)
      const sequence = this.#sequence
      this.#sequence = undefined
      if (sequence !== undefined) plan.engine.pool.release(sequence, this.#idle)
    }
  }

  /** Returns where it stands, between two parts. */
  async save(): Promise<SavedAnswer> {
    const { plan, requestName, sampling } = this.#parts
    const sequence = this.#sequence
    if (sequence === undefined || (this.#grammar !== undefined && !GrammarProgress.canReplay(plan.engine.llama))) {
      const message =
        'Expected an answer that is being generated, and an engine that can go on in its grammar, got none.'
      throw new AiosError('AIOS_UNSUPPORTED', message)
    }
    const tokens = Uint32Array.from(this.#answer.tokens)
    const hasRead = sequence.nextTokenIndex > 0 && !this.#answer.isOver
    const yielded = this.#yielded
    const memory = hasRead ? await plan.engine.files.read((path) => sequence.saveStateToFile(path)) : undefined
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
    const tokens = [...(from?.tokens ?? [])] as Token[]
    this.#grammar?.replay(tokens)
    if (from?.memory !== undefined) await this.#load(from.memory, tokens.length)
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

  async #load(memory: Uint8Array, drawn: number): Promise<void> {
    const { plan } = this.#parts
    const sequence = this.#sequence as LlamaContextSequence
    await this.#during(
      plan.engine.files.write(memory, (path) => sequence.loadStateFromFile(path, { acceptRisk: true })),
    )
    if (sequence.nextTokenIndex === plan.prompt.length + drawn - 1) return
    const message = `Expected the memory of ${plan.prompt.length + drawn - 1} tokens, got that of ${sequence.nextTokenIndex}. Ask again from the beginning.`
    throw new AiosError('AIOS_CORRUPT', message)
  }

  /** Draws the next token, once everything before it has been read. */
  async #draw(sequence: LlamaContextSequence): Promise<Token> {
    const { plan, sampling } = this.#parts
    const { tokens } = this.#answer
    this.#controller.signal.throwIfAborted()
    if (sequence.nextTokenIndex === 0) await this.#readPrompt(sequence)
    const last = tokens.at(-1) ?? plan.prompt.at(-1)!
    const drawing = sequence.evaluate([last], {
      ...drawOptions(sampling, tokens.length),
      ...(this.#grammar === undefined ? {} : { grammarEvaluationState: this.#grammar.state }),
    })
    const drawn = await this.#during(drawing.next().finally(() => drawing.return()))
    if (drawn.done !== true) return drawn.value
    throw new AiosError('AIOS_LLM_SERVER', 'Expected a token of the engine, got none. Try again.')
  }

  /** Reads the prompt but for its last token, in pieces, so that a call that is given up does not hold the engine for long. */
  async #readPrompt(sequence: LlamaContextSequence): Promise<void> {
    const { plan, batchSize } = this.#parts
    const end = plan.prompt.length - 1
    for (let at = 0; at < end; at += batchSize) {
      const piece = plan.prompt.slice(at, Math.min(end, at + batchSize))
      await this.#during(sequence.evaluateWithoutGeneratingNewTokens(piece))
    }
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
