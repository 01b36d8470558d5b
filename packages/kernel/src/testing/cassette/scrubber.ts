import { decodeError, encodeError, type StoredError } from '../../journal/error-codec.js'
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
  readonly clean = (value: unknown): unknown => this.#strings(untimed(value))

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
    if (value instanceof Date || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value
    if (value instanceof RegExp) return this.#pattern(value)
    if (value instanceof Error) return decodeError(inner(encodeError(value)) as StoredError)
    return this.#fields(value, inner)
  }

  /** Keys are only rid of what has the form of an API key: without those that mean something nobody could read the value. */
  #fields(value: object, inner: (each: unknown) => unknown): unknown {
    const fields = new Map<string, unknown>()
    for (const [key, each] of Object.entries(value)) {
      const cleaned = redactText(key)
      let name = cleaned
      for (let n = 2; fields.has(name); n += 1) name = `${cleaned} ${n}`
      fields.set(name, inner(each))
    }
    return Object.fromEntries(fields)
  }

  #pattern(value: RegExp): RegExp {
    const source = this.text(value.source)
    if (source === value.source) return value
    try {
      return new RegExp(source, value.flags)
    } catch {
      // What stands for the secret may be no pattern; as a text it is one.
      return new RegExp(source.replaceAll(/[^\w\s]/g, String.raw`\$&`), value.flags.replaceAll(/[uv]/g, ''))
    }
  }
}
