import { expect, it } from 'vitest'
import { satisfies } from '../../scripts/version-range.mjs'

const OLDEST = [20, 19, 0]

it.each([
  '*',
  '>=18',
  '>= 12.0.0',
  '^20.19.0 || ^22.13.0 || >=24',
  '^20.12||^22||>=24',
  '18 || 20 || >=22',
  '6.* || 8.* || >= 10.*',
  '~20.19.0',
  '20.x',
  '18 - 20',
  '>=6 <7 || >=8',
  '>18',
  '<21',
  '<=20',
  '20.19.0',
  'v20',
])('admits Node 20.19.0 in "%s"', (range) => {
  expect(satisfies(OLDEST, range)).toBe(true)
})

it.each([
  '>=22',
  '^22.11 || ^24 || >=26',
  '>=20.19.1',
  '^20.20',
  '~20.18.0',
  '~18',
  '18 - 19',
  '>20',
  '<20.19.0',
  '<=20.18',
  '20.19.1',
])('refuses Node 20.19.0 in "%s"', (range) => {
  expect(satisfies(OLDEST, range)).toBe(false)
})

it('says so when it cannot read a range', () => {
  expect(() => void satisfies(OLDEST, '>=lts/iron')).toThrow('cannot read the version "lts/iron"')
})
