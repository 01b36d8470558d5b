import { expect, it } from 'vitest'
import { recall } from '../../../../packages/tools/src/builtin/memory/recall.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeMemory } from '../fake-sys.js'

const { call } = openTools([recall()])

it('returns the best notes first, with what a model needs of each', async () => {
  const { sys, requests } = fakeMemory()
  await sys.memory.add({ content: 'one', tags: ['t'] })
  await sys.memory.add({ content: 'two' })
  expect(await call('recall', { query: 'number' }, { sys })).toEqual({
    notes: [
      { id: 'n2', content: 'two', tags: [], score: 1, createdAt: '1970-01-01T00:00:00.000Z' },
      { id: 'n1', content: 'one', tags: ['t'], score: 0.5, createdAt: '1970-01-01T00:00:00.000Z' },
    ],
  })
  await call('recall', { query: 'number', limit: 50, tags: ['t'] }, { sys })
  expect(requests.slice(2)).toEqual([
    { query: 'number', limit: 5, tags: undefined },
    { query: 'number', limit: 50, tags: ['t'] },
  ])
})

it.each([[{}], [{ query: '' }], [{ query: 'x'.repeat(1_001) }], [{ query: 'x', limit: 51 }]])(
  'refuses the query %o',
  async (input) => {
    expect(await rejection(call('recall', input))).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
  },
)
