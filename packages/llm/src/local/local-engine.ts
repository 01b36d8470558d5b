import type { AiosError, CoreRequest, CoreWarning } from '@aios/kernel'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import type { AnswerSyntax } from './answer-syntax.js'
import type { Sampling } from './sampling.js'
import type { Vocabulary } from './token-text.js'

/** Is the form that an answer has to have. */
export type AnswerForm = 'prose' | 'json' | 'call'

/** Is what a model reads of a request. */
export interface Prompt {
  readonly tokens: readonly number[]
  /** Texts at which an answer ends, by the chat template. */
  readonly stops: readonly string[]
  readonly names: ToolNameMap
  readonly hasTools: boolean
}

/** Is a request that an engine is ready to answer. */
export interface AnswerTask extends Prompt {
  readonly form: AnswerForm
  readonly warnings: readonly CoreWarning[]
  /** How the answer begins, where the prompt ends with that already. Default: with nothing. */
  readonly begun?: string | undefined
  /** Waits for a place in the engine. Rejects with the signal's reason, or with `AIOS_CLOSED`. */
  lend(hold: Hold): Promise<LocalSequence>
}

/** Says for which answer a place in the engine is wanted. */
export interface Hold {
  readonly prompt: readonly number[]
  readonly sampling: Sampling
  readonly signal: AbortSignal
}

/** Is the place of one answer in an engine: what the model has read of it. */
export interface LocalSequence {
  /** Whether an answer that is cut can go on elsewhere. */
  readonly canSave: boolean
  /** Tokens that were read. */
  readonly readTokens: number
  /**
   * Draws the token after the prompt and the tokens of the answer so far; reads what of them has not been read. Gives up between
   * two steps once the signal has aborted.
   */
  draw(drawn: readonly number[]): Promise<number>
  /** Returns what the engine keeps of the tokens it has read. */
  save(): Promise<Uint8Array>
  /** Takes up what was saved after these tokens of the answer. */
  load(memory: Uint8Array, drawn: readonly number[]): Promise<void>
  /** Is told of tokens that were drawn before the answer was cut. */
  replay(drawn: readonly number[]): void
  /**
   * Gives the place back.
   *
   * @param idle - settles when the engine is done with it
   */
  release(idle: Promise<unknown>): void
}

/** Is a model that is ready to answer in this process. */
export interface LocalEngine {
  /** Names the model and all of the engine that an answer depends on. */
  readonly name: string
  /** Tokens of one answer and all before it. */
  readonly contextSize: number
  /** Tokens that the model has worked through for all answers: those that were read and those it was asked to go on from. */
  readonly evaluatedTokens: number
  readonly syntax: AnswerSyntax
  readonly vocabulary: Vocabulary
  /** Counts the tokens of a request as the model reads it. */
  count(request: CoreRequest): number
  /** Makes a request ready. */
  prepare(request: CoreRequest): Promise<AnswerTask>
  /** Ends all answers with a reason, waits for what the engine is at, and gives everything back. */
  close(reason: AiosError): Promise<void>
}
