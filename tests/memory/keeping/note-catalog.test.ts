import { virtualClock, fakeDriverServices } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { NoteCatalog } from '../../../packages/memory/src/keeping/note-catalog.js'
import { keyOfSerial } from '../../../packages/memory/src/note/note-id.js'
import { NOTES, openStore, opener } from './memory-world.js'

describe('NoteCatalog', () => {
  it('gives others a turn of the event loop while it loads', async () => {
    const records = await openStore()
    const memory = await opener(records)
    await Promise.all(Array.from({ length: 200 }, (_, at) => memory.add(`apple ${at}`)))
    let turns = 0
    const clock = {
      ...virtualClock(),
      defer: (callback: () => void) => {
        turns += 1
        queueMicrotask(callback)
      },
    }
    const { log } = fakeDriverServices(clock, records)
    const catalog = new NoteCatalog({ records, clock, log, space: NOTES })
    await catalog.reload()
    expect(catalog.index.size).toBe(200)
    expect(turns).toBeGreaterThanOrEqual(10)
  })

  it('holds after a reload what the store holds, and nothing else', async () => {
    const records = await openStore()
    const memory = await opener(records)
    for (const content of ['apple one', 'apple two', 'apple three']) await memory.add(content)
    const { clock, log } = fakeDriverServices(virtualClock(), records)
    const catalog = new NoteCatalog({ records, clock, log, space: NOTES })
    await records.put(NOTES, Buffer.from('stray'), Buffer.from('x'))
    await records.put(NOTES, keyOfSerial(3), Buffer.from('x'))
    await catalog.reload()
    expect(() => {
      catalog.check(3)
    }).toThrow(expect.objectContaining({ code: 'AIOS_CORRUPT' }))
    await records.remove(NOTES, keyOfSerial(1))
    await records.remove(NOTES, keyOfSerial(3))
    await memory.update('n2', { content: 'apple changed' })
    await catalog.reload()
    catalog.check(3)
    const hits = catalog.index.retrieve({ namespace: 'one', query: 'apple' })
    expect(hits.map(({ content }) => content)).toEqual(['apple changed'])
    expect(catalog.lastSerial).toBe(3)
  })
})
