import { AiosError } from '@aios/kernel'
import { expect, it } from 'vitest'
import { checkKeys, invalidOption } from '../../../packages/tools/src/error/invalid-option.js'
import { thrown } from '../open-tools.js'

it('says what was expected where and what came', () => {
  const error = invalidOption('a number', '"limit" of tools', 'many')
  expect(error.message).toBe('Expected a number for "limit" of tools, got "many".')
  expect(AiosError.is(error, 'AIOS_INVALID_OPTION')).toBe(true)
})

it('lets known keys pass', () => {
  expect(() => {
    checkKeys({ a: 1 }, ['a', 'b'], 'here')
  }).not.toThrow()
})

it('names the unknown key and the known ones', () => {
  const error = thrown(() => {
    checkKeys({ a: 1, c: 2 }, ['a', 'b'], 'here')
  })
  expect(error).toMatchObject({
    code: 'AIOS_INVALID_OPTION',
    message: 'Expected one of the keys a, b for here, got "c".',
  })
})

it.each([[null], [undefined], [3], [['a']]])('refuses %o as an options object', (given) => {
  expect(
    thrown(() => {
      checkKeys(given, ['a'], 'here')
    }),
  ).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
})
