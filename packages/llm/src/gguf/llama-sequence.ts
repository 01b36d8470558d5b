import { AiosError } from '@aios/kernel/driver'
import type { LlamaContextSequence, LlamaGrammar, Token } from 'node-llama-cpp'
import type { Hold, LocalSequence } from '../local/local-engine.js'
import type { Engine } from './engine.js'
import { GrammarProgress } from './grammar-replay.js'
import { drawOptions } from './sampling.js'

/** Is what one answer needs of the engine. */
export interface LlamaHold {
  readonly engine: Engine
  readonly sequence: LlamaContextSequence
  readonly grammar: LlamaGrammar | undefined
  readonly hold: Hold
  /** Prompt tokens that are read in one go. */
  readonly batchSize: number
}

/** Is one answer's sequence of a llama.cpp context. */
export class LlamaSequence implements LocalSequence {
  readonly #held: LlamaHold
  readonly #grammar: GrammarProgress | undefined

  constructor(held: LlamaHold) {
    this.#held = held
    const { grammar, engine } = held
    const { sdk, llama, model } = engine
    this.#grammar = grammar === undefined ? undefined : new GrammarProgress(sdk, { llama, model, grammar })
  }

  get canSave(): boolean {
    return this.#grammar === undefined || GrammarProgress.canReplay(this.#held.engine.llama)
  }

  get readTokens(): number {
    return this.#held.sequence.nextTokenIndex
  }

  async draw(drawn: readonly number[]): Promise<number> {
    const { sequence, hold } = this.#held
    if (sequence.nextTokenIndex === 0) await this.#readPrompt()
    const last = (drawn.at(-1) ?? hold.prompt.at(-1)) as Token
    const drawing = sequence.evaluate([last], {
      ...drawOptions(hold.sampling, drawn.length),
      ...(this.#grammar === undefined ? {} : { grammarEvaluationState: this.#grammar.state }),
    })
    const next = await drawing.next().finally(() => drawing.return())
    if (next.done !== true) return next.value
    throw new AiosError('AIOS_LLM_SERVER', 'Expected a token of the engine, got none. Try again.')
  }

  async save(): Promise<Uint8Array> {
    const { engine, sequence } = this.#held
    return engine.files.read((path) => sequence.saveStateToFile(path))
  }

  async load(memory: Uint8Array): Promise<void> {
    const { engine, sequence } = this.#held
    await engine.files.write(memory, (path) => sequence.loadStateFromFile(path, { acceptRisk: true }))
  }

  replay(drawn: readonly number[]): void {
    this.#grammar?.replay(drawn)
  }

  release(idle: Promise<unknown>): void {
    this.#held.engine.pool.release(this.#held.sequence, idle)
  }

  /** Reads the prompt but for its last token, in pieces, so that a call that is given up does not hold the engine for long. */
  async #readPrompt(): Promise<void> {
    const { sequence, hold, batchSize } = this.#held
    const end = hold.prompt.length - 1
    for (let at = 0; at < end; at += batchSize) {
      hold.signal.throwIfAborted()
      const piece = hold.prompt.slice(at, Math.min(end, at + batchSize)) as Token[]
      await sequence.evaluateWithoutGeneratingNewTokens(piece)
    }
  }
}
