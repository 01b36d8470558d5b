import { defineTool, jsonSchema, type Tool, type ToolContext } from '@aios/tools'
import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { isTool } from '../../../packages/tools/src/registry/define-tool.js'
import { thrown } from '../open-tools.js'

const base = {
  name: 'add',
  description: 'Adds two numbers.',
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }: { a: number; b: number }) => a + b,
}
const define = (more: object): Tool => defineTool({ ...base, ...more })

it('makes a frozen tool with its full name and every default in place', () => {
  const add = defineTool(base)
  expect(add).toMatchObject({
    name: 'local/add',
    source: 'local',
    description: 'Adds two numbers.',
    timeoutMs: 60_000,
    maxOutputChars: 1_048_576,
    inputSchema: { type: 'object', required: ['a', 'b'] },
  })
  expect(add.conflictKeys({ a: 1, b: 2 })).toEqual([])
  expect(Object.isFrozen(add)).toBe(true)
  expect(Object.isFrozen(add.inputSchema['properties'])).toBe(true)
})

it('can be run on its own, for unit tests of the tool', () => {
  expect(defineTool(base).execute({ a: 1, b: 2 }, {} as ToolContext)).toBe(3)
})

it('keeps the receiver of a definition that is an object with methods', () => {
  const definition = {
    name: 'self',
    description: 'Returns what it holds.',
    input: z.object({}),
    held: 7,
    execute(): number {
      return this.held
    },
  }
  const { held: _held, ...rest } = definition
  const tool = defineTool(Object.assign(Object.create(definition) as typeof definition, rest))
  expect(tool.execute({}, {} as ToolContext)).toBe(7)
})

it('takes fixed conflict keys and computed ones', () => {
  expect(define({ conflictKeys: ['x'] }).conflictKeys({})).toEqual(['x'])
  expect(defineTool({ ...base, conflictKeys: ({ a }) => [`a${a}`] }).conflictKeys({ a: 1, b: 2 })).toEqual(['a1'])
})

describe('names', () => {
  it('accepts exactly letters, digits, "_", "." and "-", 1 to 64 of them', () => {
    const characters = fc.constantFrom(...'abzABZ019_.-')
    fc.assert(
      fc.property(fc.string({ unit: characters, minLength: 1, maxLength: 64 }), (name) => {
        expect(define({ name }).name).toBe(`local/${name}`)
      }),
    )
  })

  it.each([[''], ['a b'], ['a/b'], ['ä'], ['x'.repeat(65)], [7], [undefined], ['add\n']])(
    'refuses the name %o',
    (name) => {
      const error = thrown(() => define({ name }))
      expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
      expect(error.message).toContain('1 to 64 letters')
    },
  )

  it('takes another source, under the same rule', () => {
    expect(define({ source: 'shop' }).name).toBe('shop/add')
    expect(thrown(() => define({ source: 'my/shop' })).message).toContain('"source" of the tool "add"')
    expect(thrown(() => define({ source: 1 }))).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})

it.each([
  ['an unknown key', { timeout: 5 }, 'got "timeout"'],
  ['no description', { description: '  ' }, '"description"'],
  ['a description that is no text', { description: 1 }, '"description"'],
  ['no schema', { input: { type: 'object' } }, '"input"'],
  ['a missing schema', { input: null }, '"input"'],
  ['an output that is no schema', { output: {} }, '"output"'],
  ['no function', { execute: 'add' }, '"execute"'],
  ['a time of nothing', { timeoutMs: 0 }, '"timeoutMs"'],
  ['a time longer than a timer can wait', { timeoutMs: 2_147_483_648 }, '"timeoutMs"'],
  ['a time that is no number', { timeoutMs: '5' }, '"timeoutMs"'],
  ['a time that is not a number', { timeoutMs: Number.NaN }, '"timeoutMs"'],
  ['a length of nothing', { maxOutputChars: 0 }, '"maxOutputChars"'],
  ['a length that is no number', { maxOutputChars: '9' }, '"maxOutputChars"'],
  ['conflict keys that are no list', { conflictKeys: 'x' }, '"conflictKeys"'],
])('refuses %s and names the option', (_what, more, words) => {
  const error = thrown(() => define(more))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  expect(error.message).toContain(words)
})

it('refuses what is no definition', () => {
  expect(thrown(() => defineTool(undefined as never))).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
})

it('takes no time limit and no length limit', () => {
  expect(define({ timeoutMs: Infinity, maxOutputChars: Infinity })).toMatchObject({
    timeoutMs: Infinity,
    maxOutputChars: Infinity,
  })
  expect(define({ timeoutMs: 2_147_483_647 }).timeoutMs).toBe(2_147_483_647)
})

describe('the schema that models see', () => {
  const rest = { name: 't', description: 'Tests.', execute: () => 1 }

  it('comes from zod, arktype and jsonSchema by itself', () => {
    const shape = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }
    expect(defineTool({ ...rest, input: z.object({ n: z.number() }) }).inputSchema).toEqual(shape)
    expect(defineTool({ ...rest, input: type({ n: 'number' }) }).inputSchema).toEqual(shape)
    expect(defineTool({ ...rest, input: jsonSchema(shape) }).inputSchema).toEqual(shape)
  })

  it('describes what goes in where a schema transforms', () => {
    const input = z.object({ n: z.string().transform(Number) })
    expect(defineTool({ ...rest, input }).inputSchema['properties']).toEqual({ n: { type: 'string' } })
  })

  it('must be given for valibot, and the error says both ways', () => {
    const input = v.object({ n: v.number() })
    const error = thrown(() => defineTool({ ...rest, input }))
    expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(error.message).toMatch(/toStandardJsonSchema.*"inputSchema"/)
    expect(defineTool({ ...rest, input, inputSchema: { type: 'object' } }).inputSchema).toEqual({ type: 'object' })
  })

  it('must be given for a schema made by hand', () => {
    const input = { '~standard': { version: 1, vendor: 'me', validate: (value: unknown) => ({ value }) } } as const
    const error = thrown(() => defineTool({ ...rest, input }))
    expect(error.message).toContain('"t" (me) does not tell its JSON Schema: give the option "inputSchema"')
  })

  it('must be given where JSON has no form for a type', () => {
    const input = z.object({ on: z.date() })
    const error = thrown(() => defineTool({ ...rest, input }))
    expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(error.message).toContain('Date cannot be represented in JSON Schema')
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('must describe an object, as models pass nothing else', () => {
    expect(thrown(() => defineTool({ ...rest, input: z.string() })).message).toContain('got "string"')
    const union = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])
    expect(thrown(() => defineTool({ ...rest, input: union })).message).toContain('got "anyOf"')
    expect(thrown(() => defineTool({ ...rest, input: z.unknown() })).message).toContain('got "no type"')
  })

  it('wins over the derived one where it is given, and is copied', () => {
    const inputSchema = { type: 'object', description: 'mine' }
    const tool = defineTool({ ...rest, input: z.object({}), inputSchema })
    inputSchema.description = 'changed'
    expect(tool.inputSchema).toEqual({ type: 'object', description: 'mine' })
  })

  it('is told of the output too, where it can be', () => {
    const tool = (output: Parameters<typeof defineTool>[0]['output']) =>
      defineTool({ ...rest, input: z.object({}), output })
    expect(tool(z.object({ n: z.number() })).outputSchema).toMatchObject({ type: 'object' })
    expect(tool(z.object({ on: z.date() })).outputSchema).toBeUndefined()
    expect(tool(v.number()).outputSchema).toBeUndefined()
    expect('outputSchema' in tool(undefined)).toBe(false)
  })
})

it('knows a tool from everything that merely looks like one', () => {
  expect(isTool(defineTool(base))).toBe(true)
  for (const other of [base, { ...defineTool(base) }, null, 'tool']) expect(isTool(other)).toBe(false)
})

describe('types', () => {
  it('infers input and result from zod, valibot and arktype', () => {
    const more = { name: 't', description: 'Tests.', inputSchema: { type: 'object' } }
    const fromZod = defineTool({
      ...more,
      input: z.object({ n: z.string().transform(Number) }),
      execute: ({ n }) => {
        expectTypeOf(n).toEqualTypeOf<number>()
        return [n]
      },
    })
    expectTypeOf(fromZod).toEqualTypeOf<Tool<{ n: number }, number[]>>()
    const fromValibot = defineTool({
      ...more,
      input: v.object({ s: v.optional(v.string(), '') }),
      execute: async ({ s }) => {
        expectTypeOf(s).toEqualTypeOf<string>()
        return s.length
      },
    })
    expectTypeOf(fromValibot).toEqualTypeOf<Tool<{ s: string }, number>>()
    const fromArk = defineTool({
      ...more,
      input: type({ 'x?': 'boolean' }),
      execute: ({ x }) => {
        expectTypeOf(x).toEqualTypeOf<boolean | undefined>()
        return x
      },
    })
    expectTypeOf(fromArk).toEqualTypeOf<Tool<{ x?: boolean }, boolean | undefined>>()
  })

  it('demands that execute returns what the output schema takes', () => {
    const more = { name: 't', description: 'Tests.', input: z.object({}) }
    const tool = defineTool({
      ...more,
      output: z.object({ n: z.string().transform(Number) }),
      execute: () => ({ n: '1' }),
    })
    expectTypeOf(tool).toEqualTypeOf<Tool<Record<string, never>, { n: number }, { n: string }>>()
    // @ts-expect-error -- the schema takes a string
    defineTool({ ...more, output: z.object({ n: z.string() }), execute: () => ({ n: 1 }) })
  })

  it('types conflict keys and context', () => {
    defineTool({
      ...base,
      conflictKeys: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ a: number; b: number }>()
        return []
      },
      execute: (_input, context) => {
        expectTypeOf(context).toEqualTypeOf<ToolContext>()
        return 1
      },
    })
  })

  it('lets tools of any type into one list', () => {
    expectTypeOf(defineTool(base)).toExtend<Tool>()
    expectTypeOf(base).not.toExtend<Tool>()
  })
})
