import { type } from 'arktype'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { derivedJsonSchema, plainJsonSchema } from '../../../packages/kernel/src/syscall/derived-json-schema.js'

it('asks zod for what goes in and for what comes out', () => {
  const schema = z.object({ n: z.number().default(1) })
  expect(derivedJsonSchema(schema, 'input')).toEqual({
    type: 'object',
    properties: { n: { type: 'number', default: 1 } },
  })
  expect(derivedJsonSchema(schema, 'output')).toMatchObject({ required: ['n'] })
})

it('asks arktype, whose schemas are functions', () => {
  expect(derivedJsonSchema(type({ n: 'number' }), 'input')).toEqual({
    type: 'object',
    properties: { n: { type: 'number' } },
    required: ['n'],
  })
})

it('knows that a bare valibot schema does not tell', () => {
  expect(derivedJsonSchema(v.object({ n: v.number() }), 'input')).toBeUndefined()
})

it('passes on what a library says about a type without JSON form', () => {
  expect(() => derivedJsonSchema(z.object({ on: z.date() }), 'input')).toThrow(/Date/)
})

it('drops the dialect line and freezes all levels', () => {
  const given = { $schema: 'https://json-schema.org/draft/2020-12/schema', properties: { a: { enum: [1, null] } } }
  const plain = plainJsonSchema(given)
  expect(plain).toEqual({ properties: { a: { enum: [1, null] } } })
  expect(Object.isFrozen((plain['properties'] as { a: { enum: unknown } }).a.enum)).toBe(true)
  expect(Object.isFrozen(given.properties)).toBe(false)
})
