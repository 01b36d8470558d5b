import { messageText, type CoreRequest } from '@aios/kernel'
import { TokenVocabulary } from './token-vocabulary.js'

/** Is where a generation stands. */
export interface Position {
  /** Sums up everything read and written so far; the next token follows from it. */
  readonly hash: number
  readonly written: number
  readonly read: number
}

/** Mixes a number into a hash (FNV-1a over 32 bits). */
function mixed(hash: number, value: number): number {
  return Math.imul(hash ^ (value + 0x9e37), 0x01000193) >>> 0
}

/** Is the machine behind a token engine: no clock, no calls, only what follows what. */
export class TokenMachine {
  readonly #vocabulary = new TokenVocabulary()
  readonly #tokens: number

  constructor(tokens: number) {
    this.#tokens = tokens
  }

  /** Reads a request; a last message of the assistant is the beginning of its answer. */
  read({ messages }: CoreRequest): Position {
    const last = messages.at(-1)
    const begun = last?.role === 'assistant' ? this.#vocabulary.split(messageText(last)) : []
    const before = last?.role === 'assistant' ? messages.slice(0, -1) : messages
    let hash = 0x811c9dc5
    let read = begun.length
    for (const message of before) {
      const ids = this.#vocabulary.split(messageText(message))
      for (const id of ids) hash = mixed(hash, id)
      read += ids.length
    }
    for (const id of begun) hash = mixed(hash, id)
    return { hash, written: begun.length, read }
  }

  /** Returns the next token and where it leads; undefined when the answer is over. */
  step({ hash, written, read }: Position): { readonly text: string; readonly to: Position } | undefined {
    if (written >= this.#tokens) return undefined
    const { tokens } = this.#vocabulary
    const id = written === 0 ? hash % 8 : hash % tokens.length
    return { text: tokens[id] as string, to: { hash: mixed(hash, id), written: written + 1, read } }
  }
}
