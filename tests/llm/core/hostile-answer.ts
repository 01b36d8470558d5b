/** What a provider that means harm may answer: nothing hangs, nothing is polluted, and what fails fails with a code. */
import { AiosError, type StreamPart, type ToolCallPart } from '@aios/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { runs } from '../../setup/runs.js'
import { chat, streamed, textOf } from './asking.js'
import { answering, bench, callsOf, type BadVendor } from './bad-input.js'
import type { Play } from './provider.js'

const MANY = 100_000
/** In a stream each call is three events of some twenty microseconds; the proof sends as many as above. */
const MANY_STREAMED = runs(5_000, MANY)
const DEEP = 50_000
const MIB = 1_048_576
/** Generous: what grows with the square of its input takes minutes. */
const BUDGET_MS = 90_000

/** Resolves to the answer, or to the code of the error that it ended in. */
async function outcome<T>(asked: Promise<T>): Promise<T | string> {
  try {
    return await asked
  } catch (error) {
    if (AiosError.is(error)) return error.code
    throw error
  }
}

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

export function hostileAnswer(vendor: BadVendor): void {
  const { facing, closed } = bench(vendor)
  const streaming =
    (text: string): Play =>
    (response) =>
      response.writeHead(200, { 'content-type': vendor.contentType }).end(text)

  describe(`hostile answers to ${vendor.title}`, () => {
    afterEach(closed)

    it(
      'a hundred thousand calls of tools',
      async () => {
        const calls = Array.from({ length: MANY }, (_, n) => ({ name: 'add', args: `{"a":${n}}` }))
        const events = vendor.events({ calls: calls.slice(0, MANY_STREAMED) })
        const { driver } = await facing(answering(vendor, vendor.whole({ calls }), events))
        const whole = (await chat(driver)).parts.filter(({ type }) => type === 'tool-call')
        expect(whole).toHaveLength(MANY)
        const read = callsOf(await streamed(driver))
        expect(read).toHaveLength(MANY_STREAMED)
        expect(read.at(-1)).toMatchObject({ input: { a: MANY_STREAMED - 1 } })
        expect(new Set(read.map(({ id }) => id)).size).toBe(MANY_STREAMED)
      },
      BUDGET_MS,
    )

    it(
      'a line of fifty megabytes that does not end',
      async () => {
        const { driver, provider } = await facing((response) => {
          response.writeHead(200, { 'content-type': vendor.contentType })
          response.write('data: {"')
          const block = 'x'.repeat(MIB)
          let left = vendor.longest ?? 50
          const more = (): void => {
            while (left > 0 && !response.destroyed) {
              left -= 1
              if (!response.write(block)) return void response.once('drain', more)
            }
            response.end()
          }
          more()
        })
        const code = vendor.longest === undefined ? 'AIOS_LLM_SERVER' : 'AIOS_LLM_NETWORK'
        expect(await outcome(streamed(driver))).toBe(code)
        await provider.released()
      },
      BUDGET_MS,
    )

    it('arguments nested fifty thousand deep', async () => {
      const saying = { text: ['Once'], calls: [{ name: 'add', args: nested(DEEP) }] }
      // Written by hand: JSON.stringify itself gives up at this depth.
      const flat = { text: ['Once'], calls: [{ name: 'add', args: '{"a":"DEEP"}' }] }
      const deepen = (text: string): string =>
        text
          .replaceAll('{\\"a\\":\\"DEEP\\"}', JSON.stringify(saying.calls[0]!.args).slice(1, -1))
          .replaceAll('{"a":"DEEP"}', saying.calls[0]!.args)
      const { driver } = await facing((response, request) => {
        if (!vendor.isStreamed(request)) {
          response.writeHead(200, { 'content-type': 'application/json' })
          return response.end(deepen(JSON.stringify(vendor.whole(flat))))
        }
        const frames = vendor.events(flat).map((event) => vendor.frame(event, '\n'))
        return streaming(deepen(frames.join('')) + vendor.mark)(response, request)
      })
      const answers = [await outcome(chat(driver)), await outcome(streamed(driver))]
      for (const answer of answers) {
        if (typeof answer === 'string') throw new Error(`Expected an answer, got ${answer}.`)
        const list: readonly { readonly type: string }[] = Array.isArray(answer) ? answer : answer.parts
        const call = list.find(({ type }) => type === 'tool-call') as ToolCallPart | undefined
        expect(call?.invalid).toContain('nested deeper')
        expect(call?.inputText).toHaveLength(saying.calls[0]!.args.length)
      }
    })

    it('frames nested fifty thousand deep', async () => {
      const { driver } = await facing((response, request) => {
        const deep = vendor.frame({ deep: 'DEEP' }, '\n').replace('"DEEP"', nested(DEEP))
        const frames = vendor.events({ text: ['Hi.'] }).map((event) => vendor.frame(event, '\n'))
        return streaming(deep + frames.join('') + vendor.mark)(response, request)
      })
      expect(textOf(await streamed(driver))).toBe('Hi.')
    })

    it('characters of value zero, escaped as they are, and raw as an error', async () => {
      const saying = { text: ['a\u0000b'] }
      const { driver } = await facing(answering(vendor, vendor.whole(saying), vendor.events(saying)))
      expect((await chat(driver)).parts).toMatchObject([{ text: 'a\u0000b' }])
      expect(textOf(await streamed(driver))).toBe('a\u0000b')
      const raw = await facing((response, request) => {
        const frames = vendor.events(saying).map((event) => vendor.frame(event, '\n'))
        return streaming(frames.join('').replaceAll('\\u0000', '\u0000') + vendor.mark)(response, request)
      })
      const code = vendor.longest === undefined ? 'AIOS_LLM_SERVER' : 'AIOS_LLM_NETWORK'
      expect(await outcome(streamed(raw.driver))).toBe(code)
    })

    it('arguments with the names of an object’s innards, which change no other object', async () => {
      const args = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
      const saying = { calls: [{ name: 'add', args }] }
      const { driver } = await facing((response, request) => {
        // Written by hand: an object literal would take the name for its prototype.
        const told = '{"a":"ARGS"}'
        const flat = { calls: [{ name: 'add', args: told }] }
        const fill = (text: string): string =>
          text.replaceAll(JSON.stringify(told).slice(1, -1), JSON.stringify(args).slice(1, -1)).replaceAll(told, args)
        if (vendor.isStreamed(request)) {
          const frames = vendor.events(flat).map((event) => vendor.frame(event, '\n'))
          return streaming(fill(frames.join('')) + vendor.mark)(response, request)
        }
        response.writeHead(200, { 'content-type': 'application/json' })
        return response.end(fill(JSON.stringify(vendor.whole(flat))))
      })
      const parts: readonly { readonly type: string }[] = [...(await chat(driver)).parts, ...(await streamed(driver))]
      const calls = parts.filter(
        (part): part is Extract<StreamPart, { type: 'tool-call' }> => part.type === 'tool-call',
      )
      expect(calls).toHaveLength(2)
      for (const { input, inputText } of calls) {
        expect(JSON.parse(inputText)).toEqual(JSON.parse(saying.calls[0]!.args))
        expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
        expect(Object.keys(input as object)).toEqual(['__proto__', 'constructor'])
      }
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    })
  })
}
