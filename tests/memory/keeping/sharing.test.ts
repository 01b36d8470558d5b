import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { openStore, opener, withBatch, NOTES } from './memory-world.js'

describe('two openers of one store', () => {
  it('give no id twice and lose no note, however their calls are mixed', async () => {
    const records = await openStore()
    const [one, other] = [await opener(records), await opener(records)]
    const added = await Promise.all(
      Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? one : other).add(`note ${at}`)),
    )
    expect(new Set(added.map(({ id }) => id)).size).toBe(200)
    await virtualClock().settle()
    for (const each of [one, other, await opener(records)]) expect(each.find('note')).toHaveLength(200)
  })

  it('find what the other added, changed and removed', async () => {
    const records = await openStore()
    const [one, other] = [await opener(records), await opener(records)]
    const [{ id }, gone] = [await one.add('apple'), await one.add('apple pie')]
    expect((await other.get(id)).content).toBe('apple')
    await other.update(id, { content: 'apple tart' })
    await other.remove(gone.id)
    await virtualClock().settle()
    for (const each of [one, other]) expect(each.find('apple')).toEqual(['apple tart'])
    await expect(one.get(gone.id)).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
  })

  it('base an update on what the other made of the note', async () => {
    const records = await openStore()
    const [one, other] = [await opener(records), await opener(records)]
    const { id } = await one.add('apple')
    await Promise.all([one.update(id, { tags: ['red'] }), other.update(id, { category: 'fruit' })])
    expect(await (await opener(records)).get(id)).toMatchObject({ content: 'apple', tags: ['red'], category: 'fruit' })
  })

  it('add a note once when both have the same call', async () => {
    const records = await openStore()
    const [one, other] = [await opener(records), await opener(records)]
    const notes = await Promise.all([one.add('apple', 'run/1'), other.add('apple', 'run/1'), one.add('apple', 'run/1')])
    expect(new Set(notes.map(({ id }) => id))).toEqual(new Set(['n1']))
    expect((await records.size(NOTES)).records).toBe(1)
  })

  it('read everything again when the feed lost changes', async () => {
    const records = await openStore()
    const one = await opener(records)
    const other = await opener(records)
    const kept = await one.add('apple to keep')
    const gone = await one.add('apple that goes')
    await virtualClock().settle()
    // All in one turn, so that the reader falls behind.
    await one.remove(gone.id)
    const put = (await records.get(NOTES, Buffer.from('000000000001', 'hex')))?.value ?? new Uint8Array()
    const text = Buffer.from(put).toString()
    await records.batch(
      Array.from({ length: 5_000 }, (_, at) => {
        const key = Buffer.alloc(6)
        key.writeUIntBE(at + 10, 0, 6)
        const value = Buffer.from(
          text.replace('"n1"', `"n${(at + 10).toString(36)}"`).replace('to keep', at < 3 ? 'oldest' : 'imported'),
        )
        return { op: 'put' as const, space: NOTES, key, value }
      }),
    )
    for (let turn = 0; turn < 400; turn += 1) await virtualClock().settle()
    expect(other.find('oldest')).toHaveLength(3)
    expect(other.find('goes')).not.toContain('apple that goes')
    expect((await other.get(kept.id)).content).toBe('apple to keep')
  })
})

describe('a store that fails', () => {
  it('leaves what is retrieved as it was, passes its code on, and is written again by the next call', async () => {
    const records = await openStore()
    let failure: Error | undefined
    const shaky = withBatch(records, async (writes) => {
      if (failure !== undefined) throw failure
      await records.batch(writes)
    })
    const memory = await opener(shaky)
    const { id } = await memory.add('apple')
    failure = Object.assign(new Error('disk full'), { code: 'AIOS_QUOTA_EXCEEDED' })
    const results = await Promise.allSettled([
      memory.add('apple pie'),
      memory.update(id, { content: 'pear' }),
      memory.remove(id),
    ])
    expect(results.every((result) => result.status === 'rejected' && result.reason === failure)).toBe(true)
    expect(memory.find('apple pear pie')).toEqual(['apple'])
    failure = undefined
    expect((await memory.add('apple tart')).id).toBe('n2')
    expect(memory.find('apple')).toEqual(['apple', 'apple tart'])
  })

  it('is asked what became of a write that it refused to confirm', async () => {
    const records = await openStore()
    let isCut = false
    const memory = await opener(
      withBatch(records, async (writes) => {
        await records.batch(writes)
        if (isCut) throw Object.assign(new Error('connection lost'), { code: 'AIOS_STORE_UNAVAILABLE' })
      }),
    )
    isCut = true
    await expect(memory.add('apple', 'run/1')).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    isCut = false
    expect((await memory.add('apple', 'run/1')).id).toBe('n1')
    await virtualClock().settle()
    expect(memory.find('apple')).toEqual(['apple'])
  })
})
