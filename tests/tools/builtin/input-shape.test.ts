import { expect, expectTypeOf, it } from 'vitest'
import {
  flag,
  integer,
  optional,
  refined,
  refinedShape,
  shape,
  text,
  texts,
  type ShapeOf,
} from '../../../packages/tools/src/builtin/input-shape.js'
import { jsonSchema } from '@aios/tools'

const fields = {
  name: text('The name.', { min: 1, max: 5 }),
  tags: optional(texts('Tags.', { most: 2, min: 1, max: 3 })),
  count: optional(integer('How many.', { min: 0, max: 9 })),
  deep: optional(flag('Whether.')),
}
const schema = shape(fields)
const validate = (value: unknown) => schema['~standard'].validate(value)

it('passes what fits, with undefined for what is absent', () => {
  expect(validate({ name: 'ann', tags: ['a', 'b'], count: 9, deep: true })).toEqual({
    value: { name: 'ann', tags: ['a', 'b'], count: 9, deep: true },
  })
  expect(validate({ name: 'ann', count: undefined })).toEqual({
    value: { name: 'ann', tags: undefined, count: undefined, deep: undefined },
  })
})

it.each([
  [{}, 'name', 'expected a string of 1 to 5 characters, got undefined'],
  [{ name: '' }, 'name', 'got ""'],
  [{ name: 'too long' }, 'name', 'got "too long"'],
  [{ name: 'a', tags: 'b' }, 'tags', 'expected up to 2 strings of 1 to 3 characters'],
  [{ name: 'a', tags: ['a', 'b', 'c'] }, 'tags', 'got an array of 3'],
  [{ name: 'a', tags: ['long'] }, 'tags', 'got an array of 1'],
  [{ name: 'a', count: 1.5 }, 'count', 'expected a whole number from 0 to 9, got 1.5'],
  [{ name: 'a', count: -1 }, 'count', 'got -1'],
  [{ name: 'a', count: 10 }, 'count', 'got 10'],
  [{ name: 'a', deep: 'yes' }, 'deep', 'expected true or false, got "yes"'],
  [{ name: 'a', nmae: 'b' }, 'nmae', 'expected only name, tags, count, deep'],
  [{ name: 'a', toString: 'b' }, 'toString', 'expected only'],
])('says of %o what was expected at %s', (value, path, words) => {
  expect(validate(value)).toEqual({ issues: [{ path: [path], message: expect.stringContaining(words) }] })
})

it.each([[null], ['text'], [[]], [undefined]])('refuses %o as an object', (value) => {
  expect(validate(value)).toMatchObject({
    issues: [{ message: expect.stringContaining('expected an object with name, tags') }],
  })
})

it('agrees with its own JSON Schema', () => {
  const { jsonSchema: told } = schema['~standard']
  expect(told.input({ target: 'draft-2020-12' })).toBe(told.output({ target: 'draft-2020-12' }))
  const twin = jsonSchema(told.input({ target: 'draft-2020-12' }))['~standard']
  for (const value of [
    {},
    { name: '' },
    { name: 'a' },
    { name: 'a', count: 10 },
    { name: 'a', tags: ['a'] },
    { name: 'a', x: 1 },
    { name: 'a', deep: 1 },
  ]) {
    const [ours, theirs] = [validate(value), twin.validate(value)]
    expect('issues' in ours).toBe('issues' in theirs)
  }
})

it('refines one field, or the whole', () => {
  const upper = shape({ name: refined(fields.name, (name) => name.toUpperCase()) })
  expect(upper['~standard'].validate({ name: 'ann' })).toEqual({ value: { name: 'ANN' } })
  const picky = refinedShape(schema, ({ name, count = 0 }) => {
    if (name.length !== count) throw new TypeError('expected the name to have count characters')
    return name
  })
  expect(picky['~standard'].validate({ name: 'ann', count: 3 })).toEqual({ value: 'ann' })
  expect(picky['~standard'].validate({ name: 'ann' })).toEqual({
    issues: [{ message: 'expected the name to have count characters' }],
  })
  expect(picky['~standard'].validate({ name: 1 })).toMatchObject({ issues: [{ path: ['name'] }] })
})

it('knows the types of its fields', () => {
  expectTypeOf<ShapeOf<typeof fields>>().toEqualTypeOf<{
    readonly name: string
    readonly tags: readonly string[] | undefined
    readonly count: number | undefined
    readonly deep: boolean | undefined
  }>()
})
