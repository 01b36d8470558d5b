import type { CoreRequest, StreamPart } from '../driver/chat.js'
import type { Resume } from '../driver/llm-driver.js'
import { CHARS_PER_TOKEN } from '../limits.js'
import type { Seam } from './splice.js'

/** Is what a core has generated of one answer so far: what limits, shares and cuts go by. */
export class Generation {
  /** Characters of text, reasoning and arguments. */
  chars = 0
  /** Whether anything came that a consumer could not be given twice. */
  begun = false
  readonly #resume: Resume
  readonly #isJson: boolean
  #countedTokens = 0
  #uncountedChars = 0
  /** Tool calls and reasoning blocks in progress. */
  readonly #closed = new Set<string>()
  /** Whether all of it is text that can be told to a core again. */
  #plain = true
  #openText: string | undefined = undefined
  readonly #texts: string[] = []
  readonly #ids = new Set<string>()

  constructor(resume: Resume, request: CoreRequest) {
    this.#resume = resume
    this.#isJson = request.responseFormat?.type === 'json'
  }

  /** Output tokens: as the core counted them, else estimated from characters. */
  get tokens(): number {
    return this.#countedTokens + Math.ceil(this.#uncountedChars / CHARS_PER_TOKEN)
  }

  /** Whether it can be continued if it is cut here: not within a tool call, JSON or reasoning. */
  get cuttable(): boolean {
    if (this.#resume === 'none' || this.#isJson || this.#closed.size > 0) return false
    return this.#resume === 'state' || this.#plain
  }

  /** Where it would be joined. */
  get seam(): Seam {
    return { openText: this.#openText, ids: this.#ids }
  }

  /** Its blocks of text; the last may be in progress. Kept only where a core continues from text. */
  get texts(): readonly string[] {
    return this.#texts.filter((text) => text !== '')
  }

  /** The block of text in progress; empty if there is none. */
  get open(): string {
    return this.#openText === undefined ? '' : (this.#texts.at(-1) ?? '')
  }

  /** Takes one part that is delivered. */
  add(part: StreamPart): void {
    if (part.type === 'start' || part.type === 'response-metadata' || part.type === 'finish') return
    this.begun = true
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') this.#count(part.text, part.tokens)
    else if (part.type === 'tool-input-delta') this.#count(part.text, undefined)
    if (this.#resume !== 'none') this.#follow(part)
  }

  #count(text: string, tokens: number | undefined): void {
    this.chars += text.length
    // No sum of them may be beyond counting: shares and limits go by it.
    if (tokens !== undefined && tokens >= 0 && tokens <= Number.MAX_SAFE_INTEGER)
      this.#countedTokens = Math.min(Number.MAX_SAFE_INTEGER, this.#countedTokens + tokens)
    else this.#uncountedChars += text.length
  }

  #follow(part: StreamPart): void {
    switch (part.type) {
      case 'text-start':
        this.#openBlock(part.id)
        break
      case 'text-delta':
        if (this.#openText !== part.id) this.#openBlock(part.id)
        if (this.#resume === 'prefix' && this.#plain) this.#texts[this.#texts.length - 1] += part.text
        break
      case 'text-end':
        this.#openText = undefined
        if (part.opaque !== undefined) this.#plain = false
        break
      case 'reasoning-start':
      case 'reasoning-delta':
        this.#enter(`reasoning:${part.id}`, part.id)
        break
      case 'reasoning-end':
        this.#closed.delete(`reasoning:${part.id}`)
        break
      case 'tool-input-start':
      case 'tool-input-delta':
        this.#enter(`tool:${part.id}`, part.id)
        break
      case 'tool-call':
        this.#plain = false
        this.#closed.delete(`tool:${part.id}`)
        break
      case 'part':
        this.#plain = false
        break
      default:
        break
    }
  }

  #openBlock(id: string): void {
    this.#openText = id
    this.#ids.add(id)
    this.#texts.push('')
  }

  /** Goes into what must not be cut, and cannot be told to a core again. */
  #enter(key: string, id: string): void {
    this.#plain = false
    this.#ids.add(id)
    this.#closed.add(key)
  }
}
