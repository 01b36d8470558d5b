import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ToolNameIndex } from '../../../packages/tools/src/registry/tool-name-index.js'
import { thrown } from '../open-tools.js'

const index = (...names: string[]) => new ToolNameIndex(names.map((name) => ({ name })))

it('finds a full name, and a bare one that is unique', () => {
  const tools = index('local/add', 'shop/buy')
  expect(tools.full('shop/buy').name).toBe('shop/buy')
  expect(tools.resolve('shop/buy').name).toBe('shop/buy')
  expect(tools.resolve('buy').name).toBe('shop/buy')
})

it('does not take a bare name for a full one', () => {
  expect(thrown(() => index('local/add').full('add'))).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL' })
})

it('lists the candidates of a bare name that several share', () => {
  const error = thrown(() => index('shop/add', 'local/add', 'local/buy').resolve('add'))
  expect(error).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL', details: { candidates: ['local/add', 'shop/add'] } })
  expect(error.message).toContain('local/add, shop/add')
})

it('proposes near names for an unknown one and says how to list all', () => {
  const error = thrown(() => index('local/add', 'shop/buy').resolve('bu'))
  expect(error.message).toBe(
    'Expected the name of one of 2 tools, got "bu". The nearest: shop/buy. sys.tool.list() tells all.',
  )
  expect(error).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL', details: { candidates: ['shop/buy'] } })
})

it('says so briefly where nothing is near, and never repeats an endless name', () => {
  expect(thrown(() => index().resolve('x')).message).toBe(
    'Expected the name of one of 0 tools, got "x". sys.tool.list() tells all.',
  )
  expect(thrown(() => index('local/add').resolve('x'.repeat(9_999))).message.length).toBeLessThan(300)
})

it('finds names that objects have by nature only if a tool has them', () => {
  expect(thrown(() => index('local/add').resolve('constructor'))).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL' })
  expect(index('local/constructor').resolve('constructor').name).toBe('local/constructor')
})

it('resolves a bare name exactly if one source has it', () => {
  const names = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z')), {
    selector: (pair) => pair.join('/'),
  })
  fc.assert(
    fc.property(names, fc.constantFrom('x', 'y', 'z'), (pairs, bare) => {
      const full = pairs.map((pair) => pair.join('/'))
      const owners = full.filter((name) => name.endsWith(`/${bare}`))
      if (owners.length === 1) expect(index(...full).resolve(bare).name).toBe(owners[0])
      else expect(thrown(() => index(...full).resolve(bare))).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL' })
    }),
  )
})
