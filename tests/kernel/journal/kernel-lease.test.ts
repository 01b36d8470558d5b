import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyscall, ramRecords, readRun, type Agent } from '@aios/kernel'
import { createTestKernel, virtualClock } from '@aios/kernel/testing'
import type { RecordStore } from '@aios/kernel/driver'
import { forgetKernels } from '../../../packages/kernel/src/journal/lease-archive.js'
import { deposed } from '../../../packages/kernel/src/journal/kernel-lease.js'
import { encodeLease } from '../../../packages/kernel/src/journal/lease-record.js'
import { shut, testBed } from '../test-bed.js'

const DAY = 86_400_000
const key = (name: string): Uint8Array => Buffer.from(name)
const count = async (records: RecordStore, space: string): Promise<number> => (await records.size(space)).records
const forever: Agent<unknown, never> = () => new Promise<never>(() => undefined)

async function opened(): Promise<RecordStore> {
  const records = ramRecords()
  await records.open()
  return records
}

/** Writes a lease as a kernel of this process would, or whatever is given instead. */
function lease(records: RecordStore, name: string, value: Uint8Array | string): Promise<unknown> {
  return records.put('journal/kernels', key(name), typeof value === 'string' ? Buffer.from(value) : value)
}

describe('a kernel that was stopped while the store answered', () => {
  it('makes no call that another one may have made meanwhile', async () => {
    const records = await opened()
    let made = 0
    const act = defineSyscall({
      name: 'x.act',
      effect: 'at-most-once',
      request: z.object({}),
      execute: () => (made += 1),
    })
    const kernel = await createTestKernel({ records, journal: true, syscalls: [act] })
    const commit = records.batch.bind(records)
    let isIntent = true
    records.batch = async (writes) => {
      await commit(writes)
      if (!isIntent || !writes.some((write) => write.op === 'put' && Buffer.from(write.value).includes('["open"')))
        return
      isIntent = false
      const far = kernel.clock.now() + DAY
      for await (const { key: id } of records.range('journal/kernels'))
        expect(await deposed(records, Buffer.from(id).toString(), far)).toBe(true)
      await kernel.clock.advance(DAY)
    }
    const run = kernel.run((sys) => sys.call('x.act', {}), undefined, { runId: 'r' })
    await expect(run).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    expect(made).toBe(0)
    await shut(kernel)
  })
})

describe('whether a kernel may still live', () => {
  it('is told by its lease, and it is deposed once, however many find it gone', async () => {
    const records = await opened()
    await lease(records, 'k', encodeLease(1_000))
    expect(await deposed(records, 'k', 999)).toBe(false)
    expect(await count(records, 'journal/deposed')).toBe(0)
    expect(await Promise.all([1, 2].map(() => deposed(records, 'k', 1_000)))).toEqual([true, true])
    expect(await deposed(records, 'k', 1_001)).toBe(true)
    expect(await count(records, 'journal/kernels')).toBe(0)
  })

  it('is not known of another machine before the lease is over', async () => {
    const records = await opened()
    await lease(records, 'k', JSON.stringify({ until: 1_000, host: 'elsewhere', processId: 2 ** 22 + 1 }))
    expect(await deposed(records, 'k', 999)).toBe(false)
    expect(await deposed(records, 'k', 1_000)).toBe(true)
  })

  it('is no question on the same machine when its process is gone', async () => {
    const records = await opened()
    const mine = JSON.parse(Buffer.from(encodeLease(1_000)).toString()) as object
    await lease(records, 'gone', JSON.stringify({ ...mine, processId: 2 ** 22 + 1 }))
    await lease(records, 'there', JSON.stringify({ ...mine, processId: process.ppid }))
    expect(await deposed(records, 'gone', 0)).toBe(true)
    expect(await deposed(records, 'there', 0)).toBe(false)
  })

  it.each(['{"until":', 'null', '7', '{}', '{"until":1,"host":"x"}', '{"until":"1","host":"x","processId":1}'])(
    'cannot be told by a damaged lease: %s',
    async (text) => {
      const records = await opened()
      await lease(records, 'k', text)
      await expect(deposed(records, 'k', 5)).rejects.toMatchObject({
        code: 'AIOS_CORRUPT',
        message: expect.stringContaining('remove the record "k"') as string,
        details: { kernelId: 'k' },
      })
      expect(await count(records, 'journal/deposed')).toBe(0)
    },
  )

  it('is told as unreadable by recover, and rejects whoever asks for the run, until the lease is mended', async () => {
    const records = await opened()
    const first = await createTestKernel({ records, journal: true })
    first.run(forever, 1, { runId: 'r', name: 'worker' }).catch(() => undefined)
    await first.clock.settle()
    await first.clock.advance(10)
    const { owner } = (await readRun(records, 'r')).header
    await shut(first)
    await lease(records, owner, 'what is this')
    const kernel = await testBed({ records, journal: true })
    expect(await kernel.recover({ agents: { worker: forever } })).toMatchObject({
      processes: [],
      unrecovered: [{ runId: 'r', name: 'worker', why: 'unreadable' }],
    })
    await expect(kernel.run(forever, 1, { runId: 'r' })).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    await expect(kernel.undo('r')).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    await records.remove('journal/kernels', key(owner))
    const { processes } = await kernel.recover({ agents: { worker: () => 'done' } })
    expect(await processes[0]?.result).toBe('done')
  })
})

describe('kernels that are long gone', () => {
  it('are forgotten: first their leases, then that they were deposed', async () => {
    const records = await opened()
    await lease(records, 'old', encodeLease(DAY))
    await lease(records, 'young', encodeLease(70 * DAY))
    await forgetKernels(records, 40 * DAY)
    expect(await count(records, 'journal/kernels')).toBe(2)
    await forgetKernels(records, 61 * DAY)
    expect(await count(records, 'journal/kernels')).toBe(1)
    expect(await count(records, 'journal/deposed')).toBe(0)
    expect(await records.get('journal/terms', key('0'))).toBeDefined()
    expect(await count(records, 'journal/terms')).toBe(1)
  })

  it('leave a lease that is damaged, for whoever wants its runs, and a mark that cannot be read', async () => {
    const records = await opened()
    await lease(records, 'odd', '{')
    await records.put('journal/deposed', key('odd too'), key('soon'))
    await forgetKernels(records, 1_000 * DAY)
    expect(await count(records, 'journal/kernels')).toBe(1)
    expect(await count(records, 'journal/deposed')).toBe(1)
  })

  it('are forgotten by a kernel that starts', async () => {
    const records = await opened()
    await lease(records, 'old', encodeLease(DAY))
    const kernel = await testBed({ records, journal: true, clock: virtualClock(200 * DAY) })
    await kernel.clock.settle()
    expect(await records.get('journal/kernels', key('old'))).toBeUndefined()
    expect(await count(records, 'journal/deposed')).toBe(0)
    expect(await count(records, 'journal/kernels')).toBe(1)
  })

  it('write nothing when they wake up after they were forgotten', async () => {
    const records = await opened()
    const asleep = virtualClock()
    const first = await createTestKernel({ records, journal: true, clock: asleep })
    let go: (() => void) | undefined
    const waits: Agent<unknown, number> = async (sys) => {
      await new Promise<void>((resolve) => (go = resolve))
      return sys.random.next()
    }
    const run = first.run(waits, 1, { runId: 'r', name: 'worker' })
    run.catch(() => undefined)
    await asleep.advance(100)
    const second = await testBed({ records, journal: true, clock: virtualClock(100 * DAY) })
    const { processes } = await second.recover({ agents: { worker: () => 'other' } })
    expect(await processes[0]?.result).toBe('other')
    await forgetKernels(records, 200 * DAY)
    expect(await count(records, 'journal/deposed')).toBe(0)
    const before = await readRun(records, 'r')
    go?.()
    await asleep.advance(5_000)
    await expect(run).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    expect(await readRun(records, 'r')).toEqual(before)
    await shut(first)
  })

  it('do not take those along that live: these move from term to term', async () => {
    const records = await opened()
    const kernel = await testBed({ records, journal: true, limits: { leaseMs: 6 * 3_600_000 } })
    for (let day = 0; day < 100; day += 10) {
      await kernel.clock.advance(10 * DAY)
      await records.put('journal/deposed', key(`k${day}`), key(String(day * DAY)))
      await forgetKernels(records, kernel.clock.now())
    }
    expect(await count(records, 'journal/terms')).toBe(2)
    expect(await kernel.run((sys) => sys.random.int({ min: 3, max: 3 }), 0, { runId: 'late' })).toBe(3)
    expect((await readRun(records, 'late')).header.state).toBe('fulfilled')
  })

  it('leave a store that a kernel whose clock is months behind cannot open', async () => {
    const records = await opened()
    await records.put('journal/deposed', key('k'), key(String(DAY)))
    await forgetKernels(records, 90 * DAY)
    await expect(createTestKernel({ records, journal: true, clock: virtualClock(2 * DAY) })).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining('Set the clock') as string,
    })
  })
})
