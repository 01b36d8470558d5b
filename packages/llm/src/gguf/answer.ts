import type { CoreRequest, CoreWarning, Finish, StreamPart, Usage } from '@aios/kernel'
import type { Token } from 'node-llama-cpp'
import { AnswerBlocks } from './answer-blocks.js'
import type { AnswerRule } from './answer-grammar.js'
import { ForcedCallReader, JsonReader, ProseReader, type AnswerReader } from './answer-reader.js'
import type { Engine } from './engine.js'
import type { Prompt } from './prompt.js'
import { droppedSettings } from './sampling.js'
import { TokenText } from './token-text.js'

/** Is all that decides what the tokens of an answer mean. */
export interface AnswerPlan {
  readonly engine: Engine
  readonly request: CoreRequest
  readonly rule: AnswerRule
  readonly names: Prompt['names']
  readonly stops: readonly string[]
  readonly hasTools: boolean
  /** Tokens that were read. */
  readonly prompt: readonly Token[]
  /** Most tokens to draw. */
  readonly maxTokens: number
}

/** Hashes tokens (FNV-1a over 32 bits): calls of different answers get different ids, those of the same answer the same. */
function hashed(tokens: readonly number[]): string {
  let hash = 0x811c9dc5
  for (const token of tokens) hash = Math.imul(hash ^ token, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}

function readerFor({ rule, names, stops, engine, hasTools }: AnswerPlan, blocks: AnswerBlocks): AnswerReader {
  const nameOf = (wireName: string): string => names.fromWire(wireName)
  if (rule.form === 'json') return new JsonReader(blocks)
  if (rule.form === 'call') return new ForcedCallReader(blocks, nameOf)
  return new ProseReader(blocks, { stops, syntax: engine.syntax, hasTools }, nameOf)
}

/** Texts that special tokens may be part of. */
function marksOf({ engine, stops }: AnswerPlan): readonly string[] {
  const { call, thought } = engine.syntax
  return [
    ...stops,
    ...call.opens,
    call.middle,
    call.closes,
    ...call.around,
    thought?.opens ?? '',
    thought?.closes ?? '',
  ]
}

/**
 * Makes the parts of an answer from its tokens. The parts follow from the tokens alone, so that an answer which was cut is taken
 * up by adding its tokens again.
 */
export class Answer {
  readonly tokens: Token[] = []
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
    this.#reader = readerFor(plan, this.#blocks)
    this.#text = new TokenText(plan.engine.model, marksOf(plan))
  }

  /** Whether it is complete. */
  get isOver(): boolean {
    return this.#finish !== undefined
  }

  /** What comes before the first token. */
  begin(): StreamPart[] {
    const { rule, request } = this.#plan
    const warnings: CoreWarning[] = [...rule.warnings, ...droppedSettings(request)]
    return [warnings.length === 0 ? { type: 'start' } : { type: 'start', warnings }]
  }

  /** Takes the next token, and returns what it brings. */
  add(token: Token): StreamPart[] {
    this.tokens.push(token)
    if (this.#plan.engine.model.isEogToken(token)) return this.#end('stop', 'eos')
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
