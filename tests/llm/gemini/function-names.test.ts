import { expect, it } from 'vitest'
import { functionNames } from '../../../packages/llm/src/gemini/function-names.js'

it('gives every name one that the API accepts, of its own, and knows the way back', () => {
  const all = ['3d', '_3d', '-x', 'a/b', 'a_b', 'a__b', 'ok']
  const names = functionNames(all)
  const wire = all.map((name) => names.toWire(name))
  for (const name of wire) expect(name).toMatch(/^[A-Za-z_][\w-]{0,63}$/)
  expect(new Set(wire).size).toBe(all.length)
  expect(wire.map((name) => names.fromWire(name))).toEqual(all)
  expect([names.toWire('a__b'), names.toWire('_3d'), names.fromWire('made_up')]).toEqual(['a__b', '_3d', 'made_up'])
})
