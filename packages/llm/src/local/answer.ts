import type { CoreRequest, CoreWarning, Finish, StreamPart, Usage } from '@aios/kernel'
import { AnswerBlocks } from './answer-blocks.js'
import { ForcedCallReader, JsonReader, ProseReader, type AnswerReader } from './answer-reader.js'
import { marksOf } from './answer-syntax.js'
import type { AnswerTask, LocalEngine } from './local-engine.js'
import { droppedSettings } from './sampling.js'
import { TokenText } from './token-text.js'

/** Is all that decides what the tokens of an answer mean. */
export interface AnswerPlan {
  readonly engine: Pick<LocalEngine, 'contextSize' | 'syntax' | 'vocabulary'>
  readonly request: CoreRequest
  readonly task: Omit<AnswerTask, 'lend' | 'tokens'>
  /** Tokens that were read. */
  readonly prompt: readonly number[]
  /** Most tokens to draw. */
  readonly maxTokens: number
}

/** Hashes tokens (FNV-1a over 32 bits): calls of different answers get different ids, those of the same answer the same. */
function hashed(tokens: readonly number[]): string {
  let hash = 0x811c9dc5
  for (const token of tokens) hash = Math.imul(hash ^ token, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}

function readerFor(
  { task, stops, engine }: AnswerPlan & { stops: readonly string[] },
  blocks: AnswerBlocks,
): AnswerReader {
  const nameOf = (wireName: string): string => task.names.fromWire(wireName)
  if (task.form === 'json') return new JsonReader(blocks)
  if (task.form === 'call') return new ForcedCallReader(blocks, nameOf)
  return new ProseReader(blocks, { stops, syntax: engine.syntax, hasTools: task.hasTools }, nameOf)
}

/**
 * Makes the parts of an answer from its tokens. The parts follow from the tokens alone, so that an answer which was cut is taken
 * up by adding its tokens again.
 */
export class Answer {
  readonly tokens: number[] = []
  readonly #plan: AnswerPlan
  readonly #blocks: AnswerBlocks
  readonly #reader: AnswerReader
  readonly #text: TokenText
  /** Tokens of the answer, without the one that ends it. */
  #drawn = 0
  #finish: Finish | undefined

  constructor(plan: AnswerPlan) {
    this.#plan = plan
    const turn = hashed(plan.prompt)
    this.#blocks = new AnswerBlocks((index) => `call_${turn}_${index}`)
    const stops = [...(plan.request.stop ?? []), ...plan.task.stops]
    this.#reader = readerFor({ ...plan, stops }, this.#blocks)
    this.#text = new TokenText(plan.engine.vocabulary, [...stops, ...marksOf(plan.engine.syntax)])
  }

  /** Whether it is complete. */
  get isOver(): boolean {
    return this.#finish !== undefined
  }

  /** What comes before the first token. */
  begin(): StreamPart[] {
    const { task, request } = this.#plan
    const warnings: CoreWarning[] = [...task.warnings, ...droppedSettings(request)]
    if (task.begun !== undefined) this.#reader.read(task.begun)
    return [warnings.length === 0 ? { type: 'start' } : { type: 'start', warnings }, ...this.#blocks.take()]
  }

  /** Takes the next token, and returns what it brings. */
  add(token: number): StreamPart[] {
    this.tokens.push(token)
    if (this.#plan.engine.vocabulary.isEogToken(token)) return this.#end('stop', 'eos')
    this.#drawn += 1
    const piece = this.#text.push(token)
    if (piece !== undefined && this.#read(piece)) return this.#end('stop', 'complete')
    if (this.#drawn >= this.#plan.maxTokens) return this.#end('length', 'maxOutputTokens')
    const { engine, prompt } = this.#plan
    if (prompt.length + this.#drawn >= engine.contextSize) return this.#end('context-overflow', 'contextSize')
    return this.#blocks.take()
  }

  #read({ text, tokens }: { readonly text: string; readonly tokens: number }): boolean {
    this.#blocks.count(tokens)
    return this.#reader.read(text)
  }

  #end(unified: 'stop' | 'length' | 'context-overflow', raw: string): StreamPart[] {
    const rest = unified === 'stop' && raw === 'complete' ? undefined : this.#text.end()
    if (rest !== undefined) this.#read(rest)
    this.#reader.end()
    this.#finish = { unified: unified === 'stop' && this.#blocks.calls > 0 ? 'tool-calls' : unified, raw }
    return [...this.#blocks.take(), { type: 'finish', finish: this.#finish, usage: this.#usage() }]
  }

  #usage(): Usage {
    const { reasoningTokens } = this.#blocks
    const input = { total: this.#plan.prompt.length }
    const total = this.#drawn
    if (reasoningTokens === 0) return { input, output: { total } }
    return { input, output: { total, text: total - reasoningTokens, reasoning: reasoningTokens } }
  }
}
