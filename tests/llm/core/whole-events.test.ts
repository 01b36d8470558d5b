import fc from 'fast-check'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { wholeEvents } from '../../../packages/llm/src/core/whole-events.js'

const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' }

/** Returns the pieces that come out for the pieces that go in. */
async function passed(pieces: readonly Uint8Array[], headers: Record<string, string> = EVENT_STREAM) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  const response = await wholeEvents(() => Promise.resolve(new Response(body, { status: 201, headers })))('http://h')
  const out: string[] = []
  const decoder = new TextDecoder()
  for await (const piece of response.body!) out.push(decoder.decode(piece as Uint8Array))
  return { out, response }
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a stream of events', () => {
  it.each(['\n', '\r', '\r\n'])(
    'comes in whole events, however it is cut, with lines that end in %j',
    async (newline) => {
      const events = ['data: ä', 'event: x\ndata: {}', ': hello', 'data: 世界'].map((each) =>
        [...each.split('\n'), '', ''].join(newline),
      )
      const whole = bytes(events.join(''))
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 80 }), async (size) => {
          const pieces = []
          for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size))
          const { out } = await passed(pieces)
          expect(out.join('')).toBe(events.join(''))
          // Of CRLF the second half may come with what follows.
          for (const piece of out.slice(0, -1)) expect(piece).toMatch(/(?:\n\n|\r\r|\r\n\r|\r\n\r\n)$/)
        }),
      )
    },
  )

  it('passes an event on as soon as it is whole', async () => {
    const { out } = await passed(['data: 1\n\ndata: 2\n\nda', 'ta: 3', '\n\n', 'data: 4'].map(bytes))
    expect(out).toEqual(['data: 1\n\ndata: 2\n\n', 'data: 3\n\n', 'data: 4'])
  })

  it('fails where an event does not end, and lets go of its source', async () => {
    let isCancelled = false
    const block = new Uint8Array(1_048_576).fill(120)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        controller.enqueue(block)
      },
      cancel() {
        isCancelled = true
      },
    })
    const ask = wholeEvents(() => Promise.resolve(new Response(body, { headers: EVENT_STREAM })))
    await expect((await ask('http://h')).text()).rejects.toThrow(SyntaxError)
    expect([isCancelled, sent < 40]).toEqual([true, true])
  })

  it('keeps status and headers, and leaves every other body alone', async () => {
    expect((await passed([bytes('data: 1\n\n')])).response).toMatchObject({ status: 201 })
    const json = { 'content-type': 'application/json' }
    expect((await passed(['{"a":', '1}'].map(bytes), json)).out).toEqual(['{"a":', '1}'])
    // A `fetch` of the user's may answer with another kind of stream, which the SDKs can read.
    const foreign = { body: Readable.from(['data: 1\n\n']), status: 200, headers: new Headers(EVENT_STREAM) }
    const answer = foreign as unknown as Response
    expect(await wholeEvents(() => Promise.resolve(answer))('http://h')).toBe(answer)
    const empty = new Response(null, { status: 204 })
    expect(await wholeEvents(() => Promise.resolve(empty))('http://h')).toBe(empty)
  })
})
