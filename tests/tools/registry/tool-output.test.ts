import { defineTool } from '@aios/tools'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkOutput } from '../../../packages/tools/src/registry/tool-output.js'
import { rejection, thrown } from '../open-tools.js'

const tool = (more: { maxOutputChars?: number; output?: StandardSchemaV1 } = {}) =>
  defineTool({ name: 't', description: 'Tests.', input: z.object({}), execute: () => 1, ...more })

it.each([
  [undefined],
  [null],
  [1],
  ['text'],
  [true],
  [10n],
  [[1, { a: [new Date(0)] }]],
  [new Map([['a', new Set([1])]])],
  [new Uint8Array(3)],
])('returns %o as it is', (value) => {
  expect(checkOutput(tool(), value)).toEqual(value)
})

it('returns a copy that shares nothing with the tool', () => {
  const value = { list: [1] }
  const copy = checkOutput(tool(), value) as typeof value
  value.list.push(2)
  expect(copy).toEqual({ list: [1] })
})

it.each([
  ['a function', () => 1],
  ['a function inside', { deep: [() => 1] }],
  ['a symbol', Symbol('s')],
  ['a promise inside', { later: Promise.resolve(1) }],
  [
    'a generator',
    (function* () {
      yield 1
    })(),
  ],
  [
    'a getter that throws',
    {
      get boom(): never {
        throw new Error('boom')
      },
    },
  ],
])('refuses %s', (_what, value) => {
  const error = thrown(() => checkOutput(tool(), value))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_OUTPUT', details: { tool: 'local/t' } })
  expect(error.cause).toBeDefined()
})

describe('length', () => {
  it.each([
    ['a string', 'x'.repeat(11)],
    ['strings in a list', ['xxxx', 'yyyy', 'zzzz']],
    ['keys', { abcdefghijk: 1 }],
    ['numbers', [123_456, 789_012]],
    ['bytes', new Uint8Array(11)],
    ['a buffer', new ArrayBuffer(11)],
    ['a map', new Map([['abcdef', 'ghijkl']])],
    ['a set', new Set(['abcdef', 'ghijkl'])],
    ['empty lists', [[], [], [], []]],
    ['a list with holes', new Array(1e9)],
  ])('counts %s', (_what, value) => {
    const error = thrown(() => checkOutput(tool({ maxOutputChars: 10 }), value))
    expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_OUTPUT' })
    expect(error.message).toContain('more than 10 characters')
  })

  it('allows what is exactly as long as allowed', () => {
    expect(checkOutput(tool({ maxOutputChars: 10 }), 'x'.repeat(10))).toBe('x'.repeat(10))
    expect(checkOutput(tool({ maxOutputChars: 10 }), { abc: 'defg' })).toEqual({ abc: 'defg' })
  })

  it('counts what is referred to twice twice, so nothing grows when it is written out', () => {
    let value: unknown = 'leaf'
    for (let level = 0; level < 60; level += 1) value = [value, value]
    expect(thrown(() => checkOutput(tool(), value))).toMatchObject({ code: 'AIOS_INVALID_TOOL_OUTPUT' })
  })

  it('ends at a value that refers to itself', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    expect(thrown(() => checkOutput(tool(), loop)).message).toContain('refers to itself')
    expect(checkOutput(tool({ maxOutputChars: Infinity }), loop)).toEqual(loop)
  })

  it('never counts less than a value has as JSON, up to punctuation', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const letters = text.replace(/\\u[0-9a-f]{4}|\\./g, 'x').replace(/[[\]{},:"]/g, '')
        if (letters.length > 1) {
          expect(() => checkOutput(tool({ maxOutputChars: letters.length - 1 }), value)).toThrow()
        }
        expect(checkOutput(tool({ maxOutputChars: text.length + 2 }), value)).toEqual(structuredClone(value))
      }),
    )
  })
})

describe('a schema', () => {
  it('decides what the caller gets', () => {
    const output = z.object({ n: z.string().transform(Number) })
    expect(checkOutput(tool({ output }), { n: '3', extra: 1 })).toEqual({ n: 3 })
  })

  it('is broken by what it forbids, with the path', () => {
    const error = thrown(() => checkOutput(tool({ output: z.object({ n: z.number() }) }), { n: 'x' }))
    expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_OUTPUT', details: { issues: [{ path: 'n' }] } })
    expect(error.message).toContain('n: ')
  })

  it('may answer later', async () => {
    const output = z.number().refine(async (n) => n > 1)
    expect(await checkOutput(tool({ output }), 2)).toBe(2)
    expect(await rejection(checkOutput(tool({ output }), 1) as Promise<unknown>)).toMatchObject({
      code: 'AIOS_INVALID_TOOL_OUTPUT',
    })
  })

  it('that throws, at once or later, is a fault of the output', async () => {
    const cause = new Error('bad schema')
    const broken = (validate: () => never | Promise<never>) =>
      tool({ output: { '~standard': { version: 1, vendor: 'me', validate } } })
    const now = thrown(() =>
      checkOutput(
        broken(() => {
          throw cause
        }),
        1,
      ),
    )
    const later = await rejection(
      checkOutput(
        broken(() => Promise.reject(cause)),
        1,
      ) as Promise<unknown>,
    )
    for (const error of [now, later]) expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_OUTPUT', cause })
  })
})
