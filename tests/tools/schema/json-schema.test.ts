import { jsonSchema } from '@aios/tools'
import { expect, expectTypeOf, it } from 'vitest'
import { thrown } from '../open-tools.js'

const point = jsonSchema<{ x: number; y?: number }>({
  type: 'object',
  properties: { x: { type: 'number', minimum: 0 }, y: { type: 'number' }, kind: { enum: ['a', 'b'] } },
  required: ['x'],
  additionalProperties: false,
})
const validate = (value: unknown) => point['~standard'].validate(value)

it('passes what matches, untouched', () => {
  const value = { x: 1 }
  expect(validate(value)).toEqual({ value })
  expect((validate(value) as { value: unknown }).value).toBe(value)
})

it('tells every issue with its path', () => {
  expect(validate({ x: -1, y: 'two', kind: 'c', more: 1 })).toEqual({
    issues: [
      { path: [], message: 'must NOT have additional properties: "more"' },
      { path: ['x'], message: 'must be >= 0' },
      { path: ['y'], message: 'must be number' },
      { path: ['kind'], message: 'must be equal to one of the allowed values: ["a","b"]' },
    ],
  })
  expect(validate({})).toEqual({ issues: [{ path: [], message: "must have required property 'x'" }] })
})

it('unescapes paths with slashes and tildes', () => {
  const schema = jsonSchema({ properties: { 'a/b~c': { type: 'number' } } })
  expect(schema['~standard'].validate({ 'a/b~c': 'x' })).toMatchObject({ issues: [{ path: ['a/b~c'] }] })
})

it('tells its JSON Schema both ways', () => {
  const told = point['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
  expect(told).toMatchObject({ type: 'object', required: ['x'] })
  expect(point['~standard'].jsonSchema.output({ target: 'draft-2020-12' })).toBe(told)
})

it('is not changed by what happens to the schema it was made from', () => {
  const given: { type: string; enum: string[] } = { type: 'string', enum: ['a'] }
  const schema = jsonSchema(given)
  given.enum.push('b')
  expect(schema['~standard'].validate('b')).toMatchObject({ issues: [{}] })
})

it('takes formats and defaults as annotations', () => {
  const schema = jsonSchema({ type: 'object', properties: { on: { type: 'string', format: 'date', default: 'x' } } })
  expect(schema['~standard'].validate({ on: 'never' })).toEqual({ value: { on: 'never' } })
  expect(schema['~standard'].validate({})).toEqual({ value: {} })
})

it('keeps two schemas with the same $id apart', () => {
  const text = jsonSchema({ $id: 'thing', type: 'string' })
  const number = jsonSchema({ $id: 'thing', type: 'number' })
  expect([text['~standard'].validate('a'), number['~standard'].validate(1)]).toEqual([{ value: 'a' }, { value: 1 }])
})

it.each([
  ['a misspelt keyword', { type: 'object', requird: ['x'] }, /requird/],
  ['a type that does not exist', { type: 'objekt' }, /type/],
  ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, /draft-07/],
  ['a reference to nowhere', { $ref: 'https://example.com/other' }, /example\.com/],
])('refuses %s when it is made', (_what, schema, message) => {
  const error = thrown(() => jsonSchema(schema))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  expect(error.message).toMatch(message)
  expect(error.cause).toBeInstanceOf(Error)
})

it('refuses what is no schema object, and one that contains itself', () => {
  for (const given of [null, true, 'string', []]) {
    expect(thrown(() => jsonSchema(given as never))).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  }
  const loop: Record<string, unknown> = {}
  loop['properties'] = { loop }
  expect(thrown(() => jsonSchema(loop))).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
})

it('is typed by what its maker says', () => {
  type Valid = Extract<Awaited<ReturnType<typeof validate>>, { value: unknown }>['value']
  expectTypeOf<Valid>().toEqualTypeOf<{ x: number; y?: number }>()
})
