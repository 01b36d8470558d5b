import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toOutputSchema } from '../../../packages/llm/src/anthropic/output-schema.js'

const told = (schema: z.ZodType) => {
  const { $schema: _dialect, ...given } = z.toJSONSchema(schema, { io: 'input' })
  return toOutputSchema(given)
}
const closed = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: false,
})
const tree: z.ZodType = z.object({
  value: z.number(),
  get children() {
    return z.array(tree)
  },
})

describe('toOutputSchema', () => {
  it('closes every object, which the API insists on', () => {
    const schema = z.object({
      city: z.string(),
      at: z.object({ x: z.number() }).optional(),
      all: z.array(z.object({})),
    })
    expect(told(schema)).toEqual(
      closed(
        {
          city: { type: 'string' },
          at: closed({ x: { type: 'number' } }),
          all: { type: 'array', items: closed({}) },
        },
        ['city', 'all'],
      ),
    )
    expect(told(z.looseObject({ a: z.null() }))).toEqual(closed({ a: { type: 'null' } }))
  })

  it('writes choices as the API takes them', () => {
    const [a, b] = [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]
    const one = (kind: string) => closed({ kind: { type: 'string', const: kind } })
    expect(told(z.union([a, b]))).toEqual({ anyOf: [one('a'), one('b')] })
    expect(told(z.discriminatedUnion('kind', [a, b]))).toEqual({ anyOf: [one('a'), one('b')] })
    expect(told(z.enum(['a', 'b']))).toEqual({ type: 'string', enum: ['a', 'b'] })
    expect(toOutputSchema({ type: ['string', 'null'] })).toEqual({ type: ['string', 'null'] })
    expect(toOutputSchema({ allOf: [{ type: 'string' }], title: 'T' })).toEqual({ type: 'string', title: 'T' })
  })

  it('tells the model what the API does not enforce', () => {
    expect(toOutputSchema({ type: 'integer', minimum: 1, description: 'How many.' })).toEqual({
      type: 'integer',
      description: 'How many.\n{minimum: 1}',
    })
    expect(toOutputSchema({ type: 'array', items: { type: 'string', format: 'date' }, minItems: 1 })).toEqual({
      type: 'array',
      items: { type: 'string', format: 'date' },
      minItems: 1,
    })
    expect(toOutputSchema({ type: 'array', items: { type: 'string', format: 'emoji' }, minItems: 2 })).toEqual({
      type: 'array',
      items: { type: 'string', description: '{format: "emoji"}' },
      description: '{minItems: 2}',
    })
    expect(toOutputSchema({ type: 'string', default: 'x' })).toEqual({ type: 'string', description: '{default: "x"}' })
    expect(toOutputSchema({ enum: ['a'], default: 'a' })).toEqual({ enum: ['a'], description: '{default: "a"}' })
  })

  it('keeps the definitions that are used', () => {
    const $defs = { point: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] }, unused: true }
    const point = { $ref: '#/$defs/point' }
    const properties = { from: point, to: point }
    expect(toOutputSchema({ type: 'object', properties, required: ['from', 'to'], $defs })).toEqual({
      ...closed(properties),
      $defs: { point: closed({ x: { type: 'number' } }) },
    })
  })

  it.each([
    ['a map', z.record(z.string(), z.number())],
    ['a map within', z.object({ of: z.record(z.string(), z.number()) })],
    ['anything', z.any()],
    ['a list of anything', z.array(z.unknown())],
    ['a tuple', z.tuple([z.number(), z.string()])],
    ['what holds itself', tree],
  ])('has no words for %s', (_, schema) => {
    expect(told(schema)).toBeUndefined()
  })

  it.each([
    { $ref: '#/$defs/a', $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } } },
    { $ref: 'https://example.com/schema' },
    { enum: [{ a: 1 }] },
    { type: 'object', properties: {}, required: ['a'] },
    { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }] },
    {
      allOf: [
        { type: 'object', properties: {} },
        { type: 'object', properties: {} },
      ],
    },
    { type: ['object', 'null'] },
    { type: [] },
    { type: 'object' },
    { type: 'object', patternProperties: { '^a': { type: 'string' } }, properties: {} },
    { anyOf: [{ type: 'string' }], oneOf: [{ type: 'string' }] },
    { type: 'object', properties: { a: true } },
  ])('has no words for %j', (schema) => {
    expect(toOutputSchema(schema)).toBeUndefined()
  })
})
