/** What every core must make of what a provider should not send; each core says it in its vendor's words. */
import type { CoreRequest, StreamPart } from '@aios/kernel'
import { createKernel } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { chat, failure, HELLO, parts, streamed, textOf } from './asking.js'
import { answering, bench, callsOf, type BadVendor, type Refused } from './bad-vendor.js'
import type { Body, Play } from './provider.js'
import { toolCases } from './tool-cases.js'

export { answering, bench, callsOf, places, type BadVendor, type Saying } from './bad-vendor.js'

export const CALLED = { name: 'add', args: '{"a":1}' }
const SCHEMA = z.object({ sum: z.number() })
const LEVELS = ['debug', 'info', 'warn', 'error', 'log'] as const

const refusing =
  ({ status, body }: Pick<Refused, 'status' | 'body'>, headers: Record<string, string> = {}): Play =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** Hands out bytes in pieces of one size, as a network may. */
function inPieces(bytes: Buffer, size: number): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(new Uint8Array(bytes.subarray(at, (at += size))))
    },
  })
}

/** Tells what the provider does that is not in the API's book, and what comes of it. */
export function badInput(vendor: BadVendor): void {
  const { facing, closed, provided } = bench(vendor)
  const { title, refusals, filter, key } = vendor
  const both = async (play: Play) => {
    const { driver } = await facing(play)
    return [await failure(chat(driver)), await failure(streamed(driver))]
  }

  describe(`bad input for ${title}`, () => {
    beforeEach(() => {
      for (const level of LEVELS) vi.spyOn(console, level).mockImplementation(() => undefined)
    })
    afterEach(async () => {
      const printed = LEVELS.flatMap((level) => vi.mocked(console[level]).mock.calls)
      vi.restoreAllMocks()
      vi.unstubAllGlobals()
      await closed()
      expect(printed).toEqual([])
    })

    it.each(Object.entries(refusals))('%s', async (_, refused) => {
      for (const failed of await both(refusing(refused))) expect(failed.code).toBe(refused.code)
    })

    it('a key that the provider repeats, which nothing shows', async () => {
      const { status, body } = refusals['unknown model']
      const told = JSON.parse(JSON.stringify(body).replaceAll('"As the case demands."', `"Wrong: ${key}."`)) as Body
      const { driver } = await facing(refusing({ status, body: told }, { 'x-request-id': key, 'request-id': key }))
      const observed: unknown[] = []
      const call = fakeDriverCall({ observe: (signal) => void observed.push(signal) })
      for (const ask of [chat, streamed]) {
        const failed = await failure(ask(driver, HELLO, call))
        if (vendor.isMute !== true) expect(failed.message).toContain('[redacted]')
        expect(inspect([failed, observed, driver], { depth: null, showHidden: true })).not.toContain(key)
        expect(JSON.stringify([failed, observed, driver])).not.toContain(key)
      }
    })

    it('content filter', async () => {
      if ('status' in filter) {
        for (const failed of await both(refusing(filter))) expect(failed.code).toBe(filter.code)
        return
      }
      const { driver } = await facing(answering(vendor, filter.whole, filter.events))
      expect((await chat(driver)).finish.unified).toBe('content-filter')
      expect((await streamed(driver)).at(-1)).toMatchObject({ finish: { unified: 'content-filter' } })
    })

    it('429 with and without a time to wait', async () => {
      const limited = { status: 429, body: vendor.limitedFor?.(7) ?? vendor.limited }
      for (const failed of await both(refusing(limited, { 'retry-after': '7' })))
        expect(failed).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 7_000, retryable: true })
      for (const failed of await both(refusing({ status: 429, body: vendor.limited })))
        expect(failed).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: undefined, retryable: true })
    })

    it('529', async () => {
      for (const failed of await both(refusing({ status: 529, body: vendor.overloaded })))
        expect(failed).toMatchObject({ code: 'AIOS_LLM_OVERLOADED', retryable: true })
    })

    it('HTML with status 502, and with status 200', async () => {
      for (const status of [502, 200]) {
        const page = `<html>${'x'.repeat(5_000)}</html>`
        const play: Play = (response) => response.writeHead(status, { 'content-type': 'text/html' }).end(page)
        const [whole, read] = await both(play)
        expect(whole).toMatchObject({ code: 'AIOS_LLM_SERVER', retryable: true })
        // With status 200 it is no event of a stream, which has then ended before it began.
        const code = status === 502 ? 'AIOS_LLM_SERVER' : (vendor.page ?? 'AIOS_LLM_INCOMPLETE_STREAM')
        expect(read).toMatchObject({ code, retryable: true })
        for (const failed of [whole!, read!]) expect(failed.message.length).toBeLessThan(700)
      }
    })

    it('a socket that is dropped, before the answer and within it', async () => {
      for (const failed of await both((response) => void response.destroy()))
        expect(failed).toMatchObject({ code: 'AIOS_LLM_NETWORK', retryable: true })
      const begun = vendor.events({ text: ['Once'] }).slice(0, -vendor.closing)
      const within = await both(async (response, request) => {
        const isStreamed = vendor.isStreamed(request)
        response.writeHead(200, { 'content-type': isStreamed ? vendor.contentType : 'application/json' })
        if (isStreamed) for (const event of begun) response.write(vendor.frame(event, '\n'))
        else response.write(JSON.stringify(vendor.whole({ text: ['Once'] })).slice(0, 20))
        for (let turn = 0; turn < 20; turn += 1) await setImmediate()
        response.destroy()
      })
      for (const failed of within) expect(failed.code).toBe('AIOS_LLM_NETWORK')
    })

    it('an end that is clean but early, after its parts', async () => {
      const begun = vendor.events({ text: ['Once'] }).slice(0, -vendor.closing)
      for (const mark of ['', vendor.mark]) {
        const { driver } = await facing((response) => {
          response.writeHead(200, { 'content-type': vendor.contentType })
          response.end(begun.map((event) => vendor.frame(event, '\n')).join('') + mark)
        })
        const iterator = parts(driver)
        const read: StreamPart[] = []
        const reading = async () => {
          for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(next.value)
        }
        expect(await failure(reading())).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM', retryable: true })
        expect(textOf(read)).toBe('Once')
      }
    })

    it.each(vendor.frames.map(([frame, code]) => [code, JSON.stringify(frame), frame] as const))(
      'an error inside of a stream of status 200 is %s: %s',
      async (code, _, frame) => {
        const begun = vendor.events({ text: ['Once'] }).slice(0, -vendor.closing)
        const { driver } = await facing(answering(vendor, {}, [...begun, frame]))
        expect((await failure(streamed(driver))).code).toBe(code)
      },
    )

    if (vendor.malformed === 'kept') {
      it('arguments of a tool that are no JSON, kept and marked', async () => {
        const saying = { calls: [{ name: 'add', args: '{"a": 1' }] }
        const { driver } = await facing(answering(vendor, vendor.whole(saying), vendor.events(saying)))
        const [whole] = (await chat(driver)).parts
        for (const call of [whole, callsOf(await streamed(driver))[0]])
          expect(call).toMatchObject({ name: 'add', inputText: '{"a": 1', invalid: expect.any(String) as string })
      })
    }

    it('events that come twice, and one answer', async () => {
      const saying = { text: ['Once', ' upon'], calls: [CALLED] }
      const twice = vendor.events(saying).flatMap((event) => (vendor.isRepeatable(event) ? [event, event] : [event]))
      expect(twice.length).toBeGreaterThan(vendor.events(saying).length)
      const { driver } = await facing(answering(vendor, {}, twice))
      const read = await streamed(driver)
      expect(textOf(read)).toBe('Once upon')
      expect(callsOf(read)).toMatchObject([{ name: 'add', input: { a: 1 } }])
      expect(read.filter(({ type }) => type === 'finish')).toHaveLength(1)
    })

    toolCases(vendor, facing)

    it('lines that end with CRLF, and characters cut in the middle', async () => {
      const text = ['Grüße ', '👋🏽', ', 世界!']
      const events = vendor.events({ text })
      for (const newline of ['\n', '\r\n']) {
        for (const size of [1, 2, 3, 7, 1_000]) {
          const bytes = Buffer.from(events.map((event) => vendor.frame(event, newline)).join('') + vendor.mark)
          const answer = () => new Response(inPieces(bytes, size), { headers: { 'content-type': vendor.contentType } })
          vi.stubGlobal('fetch', () => Promise.resolve(answer()))
          const { driver } = await facing(() => undefined)
          expect(textOf(await streamed(driver))).toBe(text.join(''))
          vi.unstubAllGlobals()
        }
      }
    })

    it('a model that ignores the schema: the text as it is, and of llm.json an error', async () => {
      const saying = { text: ['No.'] }
      const play = answering(vendor, vendor.whole(saying), vendor.events(saying))
      const request: CoreRequest = { ...HELLO, responseFormat: { type: 'json', schema: { type: 'object' } } }
      const { driver } = await facing(play)
      expect((await chat(driver, request)).parts).toMatchObject([{ type: 'text', text: 'No.' }])
      expect(textOf(await streamed(driver, request))).toBe('No.')
      await using kernel = await createKernel({ llm: vendor.make([(await provided(play)).baseURL]) })
      const asked = kernel.sys().llm.json({ messages: HELLO.messages, schema: SCHEMA, repairs: 1 })
      expect(await failure(asked)).toMatchObject({ code: 'AIOS_LLM_INVALID_OUTPUT' })
    })

    it.each([401, 429])('another key and address where one is answered %i', async (status) => {
      const saying = { text: ['Hi.'] }
      const body = status === 401 ? refusals['wrong key'].body : vendor.limited
      const { driver, providers } = await facing(
        refusing({ status, body }),
        answering(vendor, vendor.whole(saying), vendor.events(saying)),
      )
      expect(textOf(await streamed(driver))).toBe('Hi.')
      expect((await chat(driver)).parts).toMatchObject([{ text: 'Hi.' }])
      expect(providers[1]!.requests.length).toBe(2)
      expect(providers[0]!.requests.length).toBeGreaterThan(0)
    })

    it('a body that ends later than its answer, and whose connection serves the next calls', async () => {
      const ports: unknown[] = []
      const events = vendor.events({ text: ['Hi.'] }).map((event) => vendor.frame(event, '\n'))
      const { driver } = await facing(async (response) => {
        ports.push(response.socket?.remotePort)
        response.writeHead(200, { 'content-type': vendor.contentType })
        response.write(events.join('') + vendor.mark)
        await setTimeout(5)
        response.end()
      })
      for (let call = 0; call < 8; call += 1) expect(textOf(await streamed(driver))).toBe('Hi.')
      // A second one is opened when the first is not free yet.
      expect(new Set(ports).size).toBeLessThanOrEqual(2)
    })

    it('a caller that gives up in the middle: its reason, and the socket is let go', async () => {
      const begun = vendor.events({ text: ['Once'] }).slice(0, -vendor.closing)
      const { driver, provider } = await facing((response) => {
        response.writeHead(200, { 'content-type': vendor.contentType })
        for (const event of begun) response.write(vendor.frame(event, '\n'))
      })
      const controller = new AbortController()
      const iterator = parts(driver, HELLO, fakeDriverCall({ signal: controller.signal }))
      for (let next = await iterator.next(); next.value?.type !== 'text-delta';) next = await iterator.next()
      const reason = new Error('Enough.')
      controller.abort(reason)
      expect(await failure(iterator.next())).toBe(reason)
      await provider.released()
    })
  })
}
