import { createKernel, ramRecords, type Agent, type Kernel } from '@aios/kernel'
import type { MemoryDriver, RecordStore } from '@aios/kernel/driver'
import { embeddedMemory } from '@aios/memory'
import { describe, expect, it, vi } from 'vitest'

const KEYS = 'memory/embedded/keys'
const LEAVING = 'journal/leaving'

const keep: Agent<string, string> = async (sys, text) => {
  const { id } = await sys.memory.add({ content: text })
  await sys.memory.update({ id, tags: ['kept'] })
  return id
}

async function count(records: RecordStore, space: string): Promise<number> {
  return (await records.size(space)).records
}

function kernelOn(records: RecordStore, memory: MemoryDriver = embeddedMemory()): Promise<Kernel> {
  return createKernel({ records, memory, journal: true })
}

/** Is a store that stays open when its kernels close. */
async function openStore(): Promise<RecordStore> {
  const records = ramRecords()
  await records.open()
  return records
}

describe('the end of a run', () => {
  it('makes devices forget the keys of its calls, and only then', async () => {
    const records = await openStore()
    const kernel = await kernelOn(records)
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const holding = kernel.run(
      async (sys) => {
        await sys.memory.add({ content: 'held' })
        await held
      },
      undefined,
      { name: 'holder' },
    )
    expect(await kernel.run(keep, 'apple', { name: 'keeper' })).toMatch(/^n/)
    await vi.waitUntil(async () => (await count(records, KEYS)) === 1)
    release?.()
    await holding
    await vi.waitUntil(async () => (await count(records, KEYS)) === 0 && (await count(records, LEAVING)) === 0)
    expect(await count(records, 'memory/embedded/notes')).toBe(2)
    await kernel.close()
  })

  it('is told at the next start where the kernel was gone before it could tell it', async () => {
    const records = await openStore()
    const forgets: string[] = []
    const before = await kernelOn(records, { ...embeddedMemory(), forget: () => new Promise(() => undefined) })
    const id = await before.run(keep, 'apple', { name: 'keeper', runId: 'r1' })
    await before.close()
    expect([await count(records, KEYS), await count(records, LEAVING)]).toEqual([2, 1])

    const driver = embeddedMemory()
    const after = await kernelOn(records, {
      ...driver,
      forget: async (runId) => {
        forgets.push(runId)
        await driver.forget?.(runId)
      },
    })
    expect([forgets, await count(records, KEYS)]).toEqual([['r1'], 0])
    expect((await after.sys({ name: 'keeper' }).memory.get({ id })).content).toBe('apple')
    await after.close()
    expect(await count(records, LEAVING)).toBe(0)
  })

  it('is not told of a run that can be taken up again', async () => {
    const records = await openStore()
    const before = await kernelOn(records)
    let arrived: (() => void) | undefined
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const stuck: Agent<string, string> = async (sys, text) => {
      const { id } = await sys.memory.add({ content: text })
      arrived?.()
      await new Promise(() => undefined)
      return id
    }
    before.run(stuck, 'apple', { runId: 'r2' }).catch(() => undefined)
    await there
    await before.close()
    expect([await count(records, KEYS), await count(records, LEAVING)]).toEqual([1, 0])

    const after = await kernelOn(records)
    const once: Agent<string, string> = async (sys, text) => (await sys.memory.add({ content: text })).id
    expect(await after.run(once, 'apple', { runId: 'r2' })).toBe('n1')
    await vi.waitUntil(async () => (await count(records, KEYS)) === 0)
    expect(await count(records, 'memory/embedded/notes')).toBe(1)
    await after.close()
  })

  it('is reported once and told again at the next start when a device fails to forget', async () => {
    const records = await openStore()
    const kernel = await kernelOn(records, { ...embeddedMemory(), forget: () => Promise.reject(new Error('not now')) })
    const failed: string[] = []
    kernel.on('driver:failed', ({ device, message }) => void failed.push(`${device}: ${message}`))
    await kernel.run(keep, 'apple', { name: 'keeper' })
    await vi.waitUntil(() => failed.length > 0)
    await kernel.close()
    expect(failed).toEqual(['embedded: Error: not now'])
    expect(await count(records, LEAVING)).toBe(1)
    await (await kernelOn(records)).close()
    expect([await count(records, KEYS), await count(records, LEAVING)]).toEqual([0, 0])
  })

  it('writes nothing more where no device keeps anything', async () => {
    const records = await openStore()
    const { forget, ...memory } = embeddedMemory()
    expect(forget).toBeDefined()
    const kernel = await kernelOn(records, memory)
    const puts: string[] = []
    const watching = (async () => {
      for await (const change of records.watch({ space: LEAVING })) puts.push(change.type)
    })()
    await kernel.run(keep, 'apple', { name: 'keeper' })
    await kernel.close()
    await records.close()
    await watching
    expect(puts).toEqual([])
  })
})
