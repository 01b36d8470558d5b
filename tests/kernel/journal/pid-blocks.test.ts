import { describe, expect, it } from 'vitest'
import { AiosError, ramRecords } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel/driver'
import { createTestKernel } from '@aios/kernel/testing'
import { PidBlocks } from '../../../packages/kernel/src/journal/pid-blocks.js'

const BLOCK = 1_000_000

async function opened(): Promise<RecordStore> {
  const records = ramRecords()
  await records.open()
  return records
}

async function blocks(records: RecordStore): Promise<PidBlocks> {
  const pids = new PidBlocks(records)
  await pids.open()
  return pids
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('pids of one store', () => {
  it('come in blocks of a million, one a kernel, however many start at once', async () => {
    const records = await opened()
    const all = await Promise.all(Array.from({ length: 5 }, () => blocks(records)))
    const firsts = all.map((pids) => pids.next()).sort((a, b) => a - b)
    expect(firsts).toEqual([1, BLOCK + 1, 2 * BLOCK + 1, 3 * BLOCK + 1, 4 * BLOCK + 1])
  })

  it('go on in another block when half of one is used up, which is asked for ahead', async () => {
    const records = await opened()
    const pids = await blocks(records)
    pids.skip(BLOCK - 2)
    expect(pids.next()).toBe(BLOCK - 1)
    expect(pids.next()).toBe(BLOCK)
    await turn()
    expect(pids.next()).toBe(BLOCK + 1)
  })

  it('are refused when a block is used up before the store gave the next, and come when it did', async () => {
    const records = await opened()
    const pids = await blocks(records)
    pids.skip(BLOCK)
    expect(() => pids.next()).toThrow(expect.objectContaining({ code: 'AIOS_STORE_UNAVAILABLE' }))
    await turn()
    expect(pids.next()).toBe(BLOCK + 1)
  })

  it('are asked for again when the store was away', async () => {
    const records = await opened()
    let isAway = false
    const pids = await blocks(
      new Proxy(records, {
        get: (target, name: keyof RecordStore) =>
          name === 'get'
            ? (space: string, key: Uint8Array) =>
                isAway ? Promise.reject(new AiosError('AIOS_STORE_UNAVAILABLE', 'away')) : target.get(space, key)
            : target[name].valueOf() instanceof Function
              ? (target[name] as (...given: unknown[]) => unknown).bind(target)
              : target[name],
      }),
    )
    isAway = true
    pids.skip(BLOCK - 2)
    pids.next()
    await turn()
    isAway = false
    expect(pids.next()).toBe(BLOCK)
    expect(() => pids.next()).toThrow(expect.objectContaining({ code: 'AIOS_STORE_UNAVAILABLE' }))
    await turn()
    expect(pids.next()).toBe(BLOCK + 1)
  })

  it('leave out those of a run that is gone through again, and no others', async () => {
    const pids = await blocks(await opened())
    pids.skip(7)
    expect(pids.next()).toBe(8)
    pids.skip(3)
    pids.skip(BLOCK + 5)
    expect(pids.next()).toBe(9)
  })

  it.each(['', 'many', '0', '-4', '1.5', '1e300'])('are not made up where the store holds "%s"', async (text) => {
    const records = await opened()
    await records.put('journal/numbers', Buffer.from('pids'), Buffer.from(text))
    await expect(createTestKernel({ records, journal: true })).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
      message: expect.stringContaining('Expected the next pid') as string,
    })
    expect(Buffer.from((await records.get('journal/numbers', Buffer.from('pids')))?.value ?? []).toString()).toBe(text)
  })
})
