import { jsonSchema } from '@aios/tools'
import { AiosError, type JsonSchema } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { schemaValue } from '../../../../packages/llm/src/testing/exercise/schema-value.js'
import { seededRandom } from '../../../../packages/llm/src/testing/seeded-random.js'
import { runs } from '../../../setup/runs.js'

const make = (schema: unknown, seed = 1): unknown => schemaValue(schema, seededRandom('test', seed))

/** Holds a value against its schema with a validator that we did not write. */
async function problemOf(schema: JsonSchema, value: unknown): Promise<unknown> {
  const result = await jsonSchema(schema)['~standard'].validate(value)
  return result.issues
}

const text = fc
  .record(
    {
      minLength: fc.nat(8),
      extra: fc.nat(8),
      pattern: fc.constantFrom('^[a-z]+$', '^\\d{3}-\\d+$', '^(red|green){1,3}$', '[A-F0-9]{2}'),
    },
    { requiredKeys: [] },
  )
  .map(({ minLength, extra, pattern }) =>
    pattern === undefined
      ? {
          type: 'string',
          ...(minLength === undefined ? {} : { minLength }),
          ...(extra === undefined ? {} : { maxLength: (minLength ?? 0) + extra }),
        }
      : { type: 'string', pattern },
  )
const number = fc
  .record({
    type: fc.constantFrom('number', 'integer'),
    from: fc.integer({ min: -50, max: 50 }),
    span: fc.nat(30),
    edge: fc.boolean(),
  })
  .map(({ type, from, span, edge }) =>
    edge
      ? { type, exclusiveMinimum: from, exclusiveMaximum: from + span + 2 }
      : { type, minimum: from, maximum: from + span },
  )
const { tree } = fc.letrec<{ tree: JsonSchema }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.constantFrom<JsonSchema>(
      { type: 'boolean' },
      { const: { a: [1] } },
      { enum: ['x', 2, null] },
      { type: ['string', 'null'] },
      {},
    ),
    fc.record({ least: fc.nat(3), extra: fc.nat(3), items: tie('tree') }).map(({ least, extra, items }) => ({
      type: 'array',
      items,
      minItems: least,
      maxItems: least + extra,
    })),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('tree')).map((properties) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(1),
      additionalProperties: false,
    })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    tie('tree').map((items) => ({
      type: 'array',
      prefixItems: [items, { type: 'integer' }],
      items: false,
      minItems: 2,
    })),
    tie('tree').map((schema) => ({ allOf: [{ $ref: '#/$defs/none' }, schema] })),
  ),
}))

describe('schemaValue()', () => {
  it('follows any schema of the kinds it knows', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), async (schema, seed) => {
        const whole = { allOf: [schema], $defs: { none: {} } }
        expect(await problemOf(whole, make(whole, seed))).toBeUndefined()
      }),
      { numRuns: runs(150, 5_000) },
    )
  })

  it.each([
    z.object({ a: z.string().optional(), b: z.int(), c: z.iso.datetime(), d: z.uuid(), e: z.email(), f: z.url() }),
    z.object({
      list: z
        .array(z.enum(['x', 'y']))
        .min(2)
        .max(3),
      pair: z.tuple([z.string(), z.number()]),
    }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), n: z.number() }),
      z.object({ kind: z.literal('b') }),
    ]),
    z.record(z.string(), z.number().positive()),
    z.object({ n: z.number().multipleOf(0.5).min(1).max(3), s: z.string().startsWith('ab').max(20), nul: z.null() }),
    z.object({ ip: z.ipv4(), time: z.iso.time(), date: z.iso.date(), code: z.string().regex(/^[A-Z]{2}-\d{4}$/) }),
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.number().min(3) })),
  ])('makes what zod itself accepts (%#)', (schema) => {
    for (let seed = 0; seed < 30; seed += 1) {
      const value = make(z.toJSONSchema(schema), seed)
      expect(schema.safeParse(value).error, JSON.stringify(value)).toBeUndefined()
    }
  })

  it('ends where a schema refers to itself', () => {
    const schema = {
      $ref: '#/$defs/tree',
      $defs: {
        tree: {
          type: 'object',
          properties: { kids: { type: 'array', items: { $ref: '#/$defs/tree' } } },
          required: ['kids'],
        },
      },
    }
    for (let seed = 0; seed < 20; seed += 1) expect(make(schema, seed)).toHaveProperty('kids')
  })

  it.each([
    ['a schema without end', { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }],
    ['a reference that leads in a circle', { $ref: '#' }],
    ['a reference that leads nowhere', { $ref: '#/$defs/no' }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema' }],
    ['the keyword "if"', { if: {} }],
    ['a schema that nothing follows', false],
    ['types that exclude each other', { allOf: [{ type: 'string' }, { type: 'number' }] }],
    ['two different "pattern" at once', { allOf: [{ pattern: 'a' }, { pattern: 'b' }] }],
    ['a number for', { type: 'integer', minimum: 2, maximum: 1 }],
    ['a text for', { type: 'string', pattern: '^a$', minLength: 5 }],
    ['the pattern', { type: 'string', pattern: '(a)\\1' }],
    ['"minItems": 3', { type: 'array', minItems: 3, maxItems: 2 }],
    ['"uniqueItems" with "minItems": 3', { type: 'array', items: { type: 'boolean' }, minItems: 3, uniqueItems: true }],
    ['"minProperties": 1', { type: 'object', minProperties: 1, additionalProperties: false }],
    ['an "enum" of which nothing is allowed', { type: 'string', enum: [1] }],
    ['an empty "anyOf"', { anyOf: [] }],
    ['the type "text"', { type: 'text' }],
  ])('refuses %s', (what, schema) => {
    let error: unknown
    try {
      make(schema)
    } catch (caught) {
      error = caught
    }
    expect(AiosError.is(error, 'AIOS_UNSUPPORTED'), String(error)).toBe(true)
    expect((error as Error).message).toContain(what)
  })

  it('leaves out what may be left out where it has nothing to give', () => {
    const schema = { type: 'object', properties: { a: { not: {} }, b: { type: 'string' } }, required: ['b'] }
    for (let seed = 0; seed < 10; seed += 1) expect(Object.keys(make(schema, seed) as object)).toEqual(['b'])
  })

  it('fills an object up to what it must have', async () => {
    const schema = {
      type: 'object',
      minProperties: 3,
      propertyNames: { pattern: '^[a-z]{4}$' },
      additionalProperties: { type: 'integer' },
    }
    expect(await problemOf(schema, make(schema))).toBeUndefined()
  })
})

describe('a text for a pattern', () => {
  it.each([
    '^[^aeiou\\s]{3,5}$',
    '^\\+?[1-9]\\d{1,14}$',
    '^(?:[a-z0-9]+(?:-[a-z0-9]+)*)$',
    '^\\p{Lu}\\p{L}*$',
    '^(?=.{3,8}$)[a-z]+$',
    '^#(?<hex>[0-9a-fA-F]{6})$',
    '^a.c\\b\\.\\x41\\u0042$',
    '^v\\d+\\.\\d+(\\.\\d+)?$',
    '^[\\w.-]+$',
  ])('%s', (pattern) => {
    for (let seed = 0; seed < 20; seed += 1)
      expect(make({ type: 'string', pattern }, seed)).toMatch(new RegExp(pattern, 'u'))
  })
})
