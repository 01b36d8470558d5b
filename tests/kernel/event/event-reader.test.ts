import { expect, it } from 'vitest'
import { EventReader } from '../../../packages/kernel/src/event/event-reader.js'

const event = (id: number): never => ({ type: 'core:tripped', id }) as never

it('gives what it has buffered after its end, takes nothing after it, and ends once', async () => {
  let ends = 0
  const reader = new EventReader(2, () => (ends += 1))
  for (const id of [1, 2, 3]) reader.push(event(id))
  reader.end()
  reader.end()
  reader.push(event(4))
  expect(ends).toBe(1)
  expect(await reader.next()).toEqual({ done: false, value: { type: 'core:tripped', id: 2, dropped: 1 } })
  expect(await reader.next()).toMatchObject({ value: { id: 3, dropped: 0 } })
  expect(await reader.next()).toEqual({ done: true, value: undefined })
  expect(await reader.return()).toEqual({ done: true, value: undefined })
  expect(ends).toBe(1)
})
