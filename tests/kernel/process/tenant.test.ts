/** Tenants, trees and weights as an agent and its host see them. */
import type { PolicyDefinition, Task, TaskTree } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, watch } from '../fake-drivers.js'
import { puppet, start, startChild, testBed } from '../test-bed.js'

/** Is a policy that notes the tree of everything that starts. */
function spy(): PolicyDefinition & { readonly trees: TaskTree[]; readonly forgotten: number[] } {
  const trees: TaskTree[] = []
  const forgotten: number[] = []
  const create = () => {
    const tasks: Task[] = []
    return {
      get size() {
        return tasks.length
      },
      enqueue: (task: Task) => void tasks.push(task),
      dequeue: () => tasks.shift(),
      remove: (task: Task) => tasks.includes(task) && tasks.splice(tasks.indexOf(task), 1).length === 1,
      started: ({ owner }: Task) => void trees.push(owner.tree),
      forget: ({ pid }: { readonly pid: number }) => void forgotten.push(pid),
    }
  }
  return { name: 'spy', create, trees, forgotten }
}

describe('a process tree', () => {
  it('has the tenant and weight of its root, and all descendants are in it, detached ones too', async () => {
    const policy = spy()
    const memory = heldMemory()
    const kernel = await testBed({ memory, policies: { memory: policy }, tenants: { gold: { weight: 2 } } })
    const root = await start(kernel, { tenant: 'gold', weight: 5 })
    const child = await startChild(kernel, root.sys, { detached: true })
    for (const [label, sys] of Object.entries({ a: root.sys, b: child.sys }))
      void watch(sys.memory.add({ content: label }))
    const [tree, other] = policy.trees
    expect(other).toBe(tree)
    expect(tree).toEqual({ id: 1, weight: 5, tenant: { name: 'gold', weight: 2 }, living: 2 })
    memory.held.succeed('a')
    memory.held.succeed('b')
    root.returns()
    await kernel.clock.settle()
    expect([tree!.living, policy.forgotten]).toEqual([1, [1]])
    child.returns()
    await kernel.clock.settle()
    expect([tree!.living, policy.forgotten]).toEqual([0, [1, 2]])
  })

  it('is shown by ps, and by the record of each call', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const events = recordEvents(kernel)
    const root = await start(kernel, { tenant: 'acme' })
    const call = watch(root.sys.memory.add({ content: 'a' }))
    memory.held.succeed('a')
    await kernel.clock.settle()
    expect(call.outcome).toBe('fulfilled')
    expect(kernel.ps()[0]!.tenant).toBe('acme')
    expect(events.of('syscall:settled')[0]!.tenant).toBe('acme')
  })

  it.each([
    [{ weight: 0 }, /Expected a finite number above 0 for "weight", got 0/],
    [{ weight: -1 }, /Expected a finite number above 0 for "weight", got -1/],
    [{ weight: Number.POSITIVE_INFINITY }, /above 0 for "weight"/],
    [{ tenant: '' }, /for "tenant"/],
  ])('refuses %o', async (options, message) => {
    const kernel = await testBed()
    expect(() => kernel.spawn(puppet().agent, undefined, options)).toThrow(message)
  })

  it('cannot be left by a child: neither by another tenant nor by a weight of its own', async () => {
    const kernel = await testBed()
    const { sys } = await start(kernel, { tenant: 'acme' })
    const { agent } = puppet()
    await expect(sys.agent.spawn({ agent, tenant: 'other' })).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
    await expect(sys.agent.spawn({ agent, weight: 9 })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await expect(sys.agent.spawn({ agent, tenant: 'acme' })).resolves.toMatchObject({ pid: 4 })
  })
})
