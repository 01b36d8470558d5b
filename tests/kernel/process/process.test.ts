import { describe, expect, it } from 'vitest'
import { Process } from '../../../packages/kernel/src/process/process.js'
import { ProcessTree } from '../../../packages/kernel/src/process/process-tree.js'
import type { Syscall } from '../../../packages/kernel/src/syscall/syscall.js'

const process = (parent?: Process) => {
  const seed = { pid: parent === undefined ? 1 : 2, name: 'a', namespace: 'n', bootId: 'r', createdAt: 0 }
  const tree = new ProcessTree(1, 1, { name: 'default', weight: 1 })
  return new Process({ ...seed, tree, priority: 3, parent, origin: undefined, grants: undefined, account: undefined })
}
const calls = (count: number) => Array.from({ length: count }, (_, id) => ({ id }) as unknown as Syscall)

describe('the outstanding calls of a process', () => {
  it('are listed oldest first', () => {
    const a = process()
    const [first, second, third] = calls(3)
    for (const call of [first!, second!, third!]) a.link(call)
    expect(a.outstanding()).toEqual([first, second, third])
  })

  it.each([
    [0, [1, 2]],
    [1, [0, 2]],
    [2, [0, 1]],
  ])('lose call %i without disturbing the others', (gone, left) => {
    const a = process()
    const made = calls(3)
    for (const call of made) a.link(call)
    a.unlink(made[gone]!)
    expect(a.outstanding()).toEqual(left.map((at) => made[at]))
    expect([made[gone]!.nextCall, made[gone]!.previousCall]).toEqual([undefined, undefined])
    const [late] = calls(1)
    a.link(late!)
    expect(a.outstanding()).toEqual([...left.map((at) => made[at]), late])
  })

  it('are a list of their own, so that calls may go while it is walked', () => {
    const a = process()
    const made = calls(3)
    for (const call of made) a.link(call)
    for (const call of a.outstanding()) a.unlink(call)
    expect([a.outstanding(), a.firstCall]).toEqual([[], undefined])
  })
})

it('belongs to its parent, to the kernel without one, and to the kernel when it is detached', () => {
  const parent = process()
  const child = process(parent)
  expect([parent.parentPid, child.parentPid]).toEqual([0, 1])
  child.detached = true
  expect(child.parentPid).toBe(0)
})
