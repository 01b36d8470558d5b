import { expect, it } from 'vitest'
import { remember } from '../../../../packages/tools/src/builtin/memory/remember.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeMemory } from '../fake-sys.js'

const { call } = openTools([remember()])

it('stores a note and returns its id', async () => {
  const { sys, notes } = fakeMemory()
  expect(await call('remember', { content: 'Ann likes tea.', tags: ['ann'] }, { sys })).toEqual({ id: 'n1' })
  expect(notes.get('n1')).toMatchObject({ content: 'Ann likes tea.', tags: ['ann'] })
  expect(await call('remember', { content: 'Bob too.' }, { sys })).toEqual({ id: 'n2' })
})

it.each([
  [{}],
  [{ content: '' }],
  [{ content: 'x'.repeat(32_769) }],
  [{ content: 'x', tags: ['y'.repeat(257)] }],
  [{ content: 'x', tags: Array(33).fill('t') }],
])('refuses the note %o', async (input) => {
  expect(await rejection(call('remember', input))).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
})
