import { pulledThrough, type Pass, type Sieve } from './pulled-through.js'

type Fetch = typeof globalThis.fetch

/** Bytes that one event may have at most: no piece of an answer comes near, and one without end would fill the memory. */
const MAX_EVENT_BYTES = 33_554_432

const LF = 10
const CR = 13

/** Finds out where events end: at an empty line, whichever way lines end. */
class EventEnds {
  #isLineEmpty = true
  #isAfterCr = false

  /** Returns how many of the bytes belong to events that are whole, and forgets none of the others. */
  read(bytes: Uint8Array): number {
    let end = -1
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (byte === LF && this.#isAfterCr) {
        this.#isAfterCr = false
        if (end === at) end = at + 1
        continue
      }
      const isNewline = byte === LF || byte === CR
      if (isNewline && this.#isLineEmpty) end = at + 1
      this.#isLineEmpty = isNewline
      this.#isAfterCr = byte === CR
    }
    return Math.max(end, 0)
  }
}

/** Holds back what is not a whole event yet. */
class EventGate implements Sieve {
  readonly #ends = new EventEnds()
  #held: Uint8Array[] = []
  #size = 0

  take(bytes: Uint8Array, pass: Pass): void {
    const end = this.#ends.read(bytes)
    if (end > 0) {
      this.#hold(bytes.subarray(0, end))
      this.rest(pass)
    }
    if (end < bytes.length) this.#hold(bytes.subarray(end))
  }

  rest(pass: Pass): void {
    const [only] = this.#held
    if (only !== undefined) pass(this.#held.length === 1 ? only : Buffer.concat(this.#held))
    this.#held = []
    this.#size = 0
  }

  #hold(bytes: Uint8Array): void {
    this.#size += bytes.length
    if (this.#size > MAX_EVENT_BYTES) throw new SyntaxError(`An event is longer than ${MAX_EVENT_BYTES} bytes.`)
    this.#held.push(bytes)
  }
}

/**
 * Makes a `fetch` whose streams of events come in whole events, none of them longer than 32 MiB: the SDKs put pieces together in time
 * that grows with the square of an event's length, and in memory without a bound. Other bodies pass as they are.
 *
 * @throws SyntaxError by the stream, for an event that is too long
 */
export function wholeEvents(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const { body, status, statusText, headers } = response
    // A stream of another kind, which a `fetch` of the user's may answer with, is for the SDK to read as it does.
    if (body === null || !('getReader' in body)) return response
    if (headers.get('content-type')?.startsWith('text/event-stream') !== true) return response
    return new Response(pulledThrough(body, new EventGate()).stream, { status, statusText, headers })
  }
}

/** Returns the `fetch` that a client is to use where its user gave none: the one of the process, looked up at each request. */
export const globalFetch: Fetch = (input, init) => globalThis.fetch(input, init)
