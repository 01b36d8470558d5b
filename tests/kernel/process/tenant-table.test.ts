import { expect, it } from 'vitest'
import { TenantTable } from '../../../packages/kernel/src/process/tenant-table.js'

it('gives all trees of a tenant the same tenant, with the weight it was given', () => {
  const table = new TenantTable({ gold: { weight: 3 } })
  const gold = table.enter('gold')
  expect(gold).toEqual({ name: 'gold', weight: 3 })
  expect(table.enter('gold')).toBe(gold)
  expect(table.enter('other')).toEqual({ name: 'other', weight: 1 })
})

it('takes names from its own options only', () => {
  expect(new TenantTable({}).enter('constructor').weight).toBe(1)
})

it('forgets a tenant when its last tree has ended, not before', () => {
  const table = new TenantTable({})
  const first = table.enter('a')
  table.enter('a')
  table.leave(first)
  expect(table.enter('a')).toBe(first)
  table.leave(first)
  table.leave(first)
  expect(table.enter('a')).not.toBe(first)
})
