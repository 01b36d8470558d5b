import { expect, it } from 'vitest'
import { GuestTable } from '../../../../packages/kernel/src/scheduler/policies/guest-table.js'

it('knows an agent by its name and tenant, as a tree of one', () => {
  const table = new GuestTable(() => undefined)
  const [a, again, other, same] = [
    table.enter('a', 't'),
    table.enter('a', 't'),
    table.enter('a', 'u'),
    table.enter('t', 'a'),
  ]
  expect(again).toBe(a)
  expect(new Set([a.pid, other.pid, same.pid]).size).toBe(3)
  expect([a.tree.id, a.tree.living, a.tenant.name]).toEqual([a.pid, 1, 't'])
})

it('lets the longest idle agent end beyond 1,024, and none with a run', () => {
  const gone: string[] = []
  const table = new GuestTable((owner) => gone.push(`${owner.name} ${owner.tree.living}`))
  table.enter('busy', 't')
  for (let n = 0; n < 1_026; n += 1) table.leave(table.enter(`agent ${n}`, 't'))
  expect(gone).toEqual(['agent 0 0', 'agent 1 0'])
})
