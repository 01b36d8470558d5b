import { clip } from '../../error/failure-text.js'
import { LINE_CHARS, SEARCH_SLICE_MS } from '../../limits.js'
import type { ToolContext } from '../../registry/tool.js'
import type { LineMatcher } from './line-matcher.js'

/** Is one line that matches. */
export interface FileMatch {
  readonly path: string
  /** Counting from 1. */
  readonly line: number
  /** The line, or its first 400 characters and how many there are. */
  readonly text: string
}

/** Collects matching lines, one file at a time, and lets everyone else have a turn in between. */
export class FileSearch {
  readonly matches: FileMatch[] = []
  /** Lines of which only the beginning was tested. */
  longLines = 0
  readonly #matcher: LineMatcher
  readonly #context: ToolContext
  readonly #limit: number
  #sliceEnd: number

  constructor(matcher: LineMatcher, limit: number, context: ToolContext) {
    this.#matcher = matcher
    this.#limit = limit
    this.#context = context
    this.#sliceEnd = context.clock.now() + SEARCH_SLICE_MS
  }

  /** Whether the search found as many lines as it may show and then one more. */
  get isFull(): boolean {
    return this.matches.length > this.#limit
  }

  /** Searches one file. Rejects with the reason of the tool's signal once that aborts. */
  async scan(path: string, content: string): Promise<void> {
    let start = 0
    for (let line = 1; start < content.length && !this.isFull; line += 1) {
      const found = content.indexOf('\n', start)
      const end = found < 0 ? content.length : found
      const text = content.slice(start, content[end - 1] === '\r' && end > start ? end - 1 : end)
      if (this.#test(text)) this.matches.push({ path, line, text: clip(text, LINE_CHARS) })
      start = end + 1
      if (this.#context.clock.now() >= this.#sliceEnd) await this.#giveWay()
    }
  }

  #test(text: string): boolean {
    const { lineChars } = this.#matcher
    if (text.length <= lineChars) return this.#matcher.matches(text)
    this.longLines += 1
    return this.#matcher.matches(text.slice(0, lineChars))
  }

  async #giveWay(): Promise<void> {
    const { clock, signal } = this.#context
    await new Promise<void>((resolve) => {
      clock.defer(resolve)
    })
    signal.throwIfAborted()
    this.#sliceEnd = clock.now() + SEARCH_SLICE_MS
  }
}
