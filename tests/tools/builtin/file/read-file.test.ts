import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readFile } from '../../../../packages/tools/src/builtin/file/read-file.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeStorage } from '../fake-sys.js'

interface Reading {
  readonly content: string
  readonly totalLines: number
  readonly nextOffset?: number
}

const { call } = openTools([readFile()])
const read = async (content: string, more: object = {}) =>
  (await call('read_file', { path: 'f', ...more }, { sys: fakeStorage({ f: content }).sys })) as Reading

it('reads a whole file that is short enough', async () => {
  expect(await read('one\ntwo\n')).toEqual({ path: 'f', content: 'one\ntwo\n', fromLine: 1, totalLines: 2 })
})

it.each([
  [{ fromLine: 2 }, 'two\nthree'],
  [{ fromLine: 2, lines: 1 }, 'two\n'],
  [{ lines: 2 }, 'one\ntwo\n'],
  [{ fromLine: 3, lines: 9 }, 'three'],
  [{ fromLine: 4 }, ''],
  [{ offset: 4 }, 'two\nthree'],
  [{ fromLine: 2, lines: 1, offset: 2 }, 'o\n'],
  [{ offset: 999 }, ''],
])('reads the part %o', async (part, content) => {
  expect((await read('one\ntwo\nthree', part)).content).toBe(content)
})

it.each([
  ['', 0],
  ['a', 1],
  ['a\n', 1],
  ['\n', 1],
  ['a\nb', 2],
  ['\n\n', 2],
])('counts the lines of %o', async (content, lines) => {
  expect((await read(content)).totalLines).toBe(lines)
})

it('says where it goes on, and the pieces together are the part that was asked for', async () => {
  const run = fc.tuple(fc.constantFrom('a', 'é', '😀', 'a😀'), fc.integer({ min: 0, max: 20_000 }))
  const line = fc
    .array(run, { minLength: 1, maxLength: 3 })
    .map((runs) => runs.map(([text, n]) => text.repeat(n)).join(''))
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      async (all, fromLine, lines) => {
        const part = all.slice(fromLine - 1, fromLine - 1 + lines)
        const isLast = fromLine - 1 + lines >= all.length
        let [offset, got]: [number | undefined, string] = [0, '']
        while (offset !== undefined) {
          const reading: Reading = await read(all.join('\n'), { fromLine, lines, offset })
          expect(reading.content.length).toBeLessThanOrEqual(32_768)
          expect(() => encodeURIComponent(reading.content)).not.toThrow()
          got += reading.content
          offset = reading.nextOffset
        }
        expect(got).toBe(part.join('\n') + (isLast ? '' : '\n'))
      },
    ),
    { numRuns: 20 },
  )
})

it('never parts the two halves of one character', async () => {
  const { content, nextOffset } = await read(`a${'😀'.repeat(20_000)}`)
  expect([content.length, nextOffset, content.endsWith('😀')]).toEqual([32_767, 32_767, true])
})

it('ends with a text that ends in half a character', async () => {
  expect(await read('a\ud83d')).toMatchObject({ content: 'a\ud83d', totalLines: 1 })
  expect(await read('a\ud83d')).not.toHaveProperty('nextOffset')
})

it('refuses a file that is too large before reading it', async () => {
  const { sys, calls } = fakeStorage({ f: 'x' }, { f: 16_777_217 })
  const error = await rejection(call('read_file', { path: 'f' }, { sys }))
  expect(error).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause: { code: 'AIOS_UNSUPPORTED' } })
  expect(error.message).toContain('16777217')
  expect(calls).toEqual(['stat f'])
})

it('fails on a file that is not there, with the error of the storage', async () => {
  const error = await rejection(call('read_file', { path: 'none' }, { sys: fakeStorage({}).sys }))
  expect(error).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause: { code: 'AIOS_NOT_FOUND' } })
})

it.each([
  [{ path: '' }],
  [{}],
  [{ path: 'f', fromLine: 0 }],
  [{ path: 'f', lines: 0 }],
  [{ path: 'f', offset: -1 }],
  [{ path: 'x'.repeat(1_025) }],
])('refuses the input %o', async (input) => {
  expect(await rejection(call('read_file', input))).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
})
