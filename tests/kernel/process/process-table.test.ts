import { describe, expect, it } from 'vitest'
import { ProcessTable, type ExitedProcess } from '../../../packages/kernel/src/process/process-table.js'
import { ProcessTree } from '../../../packages/kernel/src/process/process-tree.js'
import { Process } from '../../../packages/kernel/src/process/process.js'

function processes(table: ProcessTable, count: number): Process[] {
  return Array.from({ length: count }, () => {
    const seed = { name: 'a', namespace: 'n', bootId: 'r', priority: 3, createdAt: 0 } as const
    const tree = new ProcessTree(1, 1, { name: 'default', weight: 1 })
    const none = { parent: undefined, origin: undefined, grants: undefined, account: undefined }
    const process = new Process({ pid: table.nextPid(), ...seed, ...none, tree })
    table.add(process)
    return process
  })
}

const exited = (process: Process) => ({ info: { pid: process.pid } }) as ExitedProcess

describe('the process table', () => {
  it('knows the living by pid and counts them', () => {
    const table = new ProcessTable(2)
    const [a, b] = processes(table, 2)
    expect([table.get(1), table.get(2), table.get(3), table.size]).toEqual([a, b, undefined, 2])
    expect(table.living()).toEqual([a, b])
  })

  it('never gives a pid twice', () => {
    const table = new ProcessTable(0)
    const [a] = processes(table, 1)
    table.retire(a!, exited(a!))
    expect(table.nextPid()).toBe(2)
  })

  it('remembers as many exited processes as it may, the last ones', () => {
    const table = new ProcessTable(2)
    const all = processes(table, 4)
    for (const process of all.slice(0, 3)) table.retire(process, exited(process))
    expect([table.size, table.get(1), table.exited(1)]).toEqual([1, undefined, undefined])
    expect(table.remembered().map(({ info }) => info.pid)).toEqual([2, 3])
    expect(table.exited(3)?.info.pid).toBe(3)
    expect(table.exited(4)).toBeUndefined()
  })

  it('remembers none where the bound is 0', () => {
    const table = new ProcessTable(0)
    const [a] = processes(table, 1)
    table.retire(a!, exited(a!))
    expect([table.remembered(), table.exited(1)]).toEqual([[], undefined])
  })

  it('gives lists that do not change while processes come and go', () => {
    const table = new ProcessTable(2)
    const [a] = processes(table, 2)
    const [living, remembered] = [table.living(), table.remembered()]
    table.retire(a!, exited(a!))
    expect([living.length, remembered.length]).toEqual([2, 0])
  })
})
