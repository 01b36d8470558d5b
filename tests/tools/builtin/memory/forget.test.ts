import { expect, it } from 'vitest'
import { forget } from '../../../../packages/tools/src/builtin/memory/forget.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeMemory } from '../fake-sys.js'

it('removes a note and returns what it said; a second time it fails', async () => {
  const { sys, notes } = fakeMemory()
  const { call } = openTools([forget()])
  await sys.memory.add({ content: 'one' })
  expect(await call('forget', { id: 'n1' }, { sys })).toEqual({ id: 'n1', content: 'one' })
  expect(notes.size).toBe(0)
  expect(await rejection(call('forget', { id: 'n1' }, { sys }))).toMatchObject({
    code: 'AIOS_TOOL_FAILED',
    cause: { code: 'AIOS_NOT_FOUND' },
  })
})
