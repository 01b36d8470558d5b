import { canonicalText } from '../../journal/canonical.js'
import { digestOf, restored, type Captured } from '../../journal/value-codec.js'
import { untimed } from '../../journal/run-numbers.js'
import { redactText } from '../../lifetime/redact.js'
import { DEEPEST } from './cassette-value.js'

/** Changes a text so that what must not be in a file is not; the same text becomes the same each time. */
export type Scrub = (text: string) => string

/** Takes secrets, and what differs from run to run, out of values. */
export class Scrubber {
  readonly #scrub: Scrub | undefined

  constructor(scrub: Scrub | undefined) {
    this.#scrub = scrub
  }

  /** Returns a copy of a value without times of the kernel, and without secrets in its strings. */
  clean(value: unknown): unknown {
    return this.#strings(untimed(value))
  }

  text(text: string): string {
    const redacted = redactText(text)
    return this.#scrub === undefined ? redacted : this.#scrub(redacted)
  }

  /** Names what a request asks: the same before and after it was in a file. */
  readonly digest = (request: Captured): string =>
    request.codec === 'x'
      ? digestOf(request)
      : digestOf({ codec: 'j', text: canonicalText(this.clean(restored(request))) })

  #strings(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.text(value)
    // What lies deeper is refused when it is written.
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
    const inner = (each: unknown): unknown => this.#strings(each, depth + 1)
    if (Array.isArray(value)) return value.map(inner)
    if (value instanceof Map) return new Map([...value.entries()].map(([key, each]) => [inner(key), inner(each)]))
    if (value instanceof Set) return new Set([...value.values()].map(inner))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each)]))
  }
}
