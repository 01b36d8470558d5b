import { expect, it } from 'vitest'
import { grantsOf } from '../../../packages/kernel/src/process/grants-of.js'
import { Process } from '../../../packages/kernel/src/process/process.js'
import { ProcessTree } from '../../../packages/kernel/src/process/process-tree.js'
import { CompiledGrants } from '../../../packages/kernel/src/access/compiled-grants.js'

function process(namespace: string, parent?: Process, grants?: CompiledGrants): Process {
  const seed = { pid: 1, name: 'a', namespace, bootId: 'r', priority: 3, createdAt: 0 } as const
  const tree = new ProcessTree(1, 1, { name: 'default', weight: 1 })
  return new Process({ ...seed, tree, parent, origin: undefined, grants, account: undefined })
}

it('lets a process without grants use everything but foreign memory', () => {
  const grants = grantsOf(process('own'))
  expect([grants.model('any'), grants.tool('any'), grants.storage('any', true)]).toEqual([true, true, true])
  expect([grants.memory('own'), grants.memory('foreign')]).toEqual([true, false])
})

it('gives those that the process was given', () => {
  const grants = new CompiledGrants({ tools: [] }, 'own', undefined)
  expect(grantsOf(process('own', undefined, grants))).toBe(grants)
})

it('lets a child without grants of its own have what its parent has, and no more', () => {
  const parent = process('own', undefined, new CompiledGrants({ memory: ['shared'] }, 'own', undefined))
  const grants = grantsOf(process('shared', parent))
  expect(['own', 'shared', 'foreign'].map((namespace) => grants.memory(namespace))).toEqual([true, true, false])
})
