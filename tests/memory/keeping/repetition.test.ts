import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEYS, NOTES, openStore, opener, withBatch } from './memory-world.js'

describe('a call that comes again with something else', () => {
  it('takes back what an add did when it is another kind of call now', async () => {
    const memory = await opener(await openStore())
    const { id } = await memory.add('stays')
    await memory.add('lost', 'run/1')
    await memory.update(id, { category: 'kept' }, 'run/1')
    expect(memory.find('lost stays')).toEqual(['stays'])
    expect(await memory.get(id)).toMatchObject({ category: 'kept' })
  })

  it('gives back what an update changed, and leaves what others changed since', async () => {
    const memory = await opener(await openStore())
    const [{ id }, other] = [await memory.add('apple', undefined, { tags: ['old'] }), await memory.add('pear')]
    await memory.update(id, { tags: ['lost'], content: 'apple pie' }, 'run/1')
    await memory.update(id, { content: 'apple of somebody' })
    await memory.update(other.id, { tags: ['mine'] }, 'run/1')
    expect(await memory.get(id)).toMatchObject({ content: 'apple of somebody', tags: ['old'] })
    expect(await memory.get(other.id)).toMatchObject({ tags: ['mine'] })
  })

  it('puts back what a removal took', async () => {
    const memory = await opener(await openStore())
    const [{ id }, other] = [await memory.add('apple'), await memory.add('apple pie')]
    await memory.remove(id, 'run/1')
    await memory.remove(other.id, 'run/1')
    expect(memory.find('apple')).toEqual(['apple'])
  })

  it('does again what was built on an add that says something else now', async () => {
    const memory = await opener(await openStore())
    const { id } = await memory.add('first', 'run/1')
    await memory.update(id, { tags: ['t'] }, 'run/2')
    await memory.remove(id, 'run/3')
    expect((await memory.add('second', 'run/1')).id).toBe(id)
    expect(await memory.update(id, { tags: ['t'] }, 'run/2')).toMatchObject({ content: 'second', tags: ['t'] })
    expect(await memory.remove(id, 'run/3')).toMatchObject({ content: 'second', tags: ['t'] })
    expect(memory.find('first second')).toEqual([])
  })

  it('leaves nothing of the earlier call where the newer one is refused', async () => {
    const memory = await opener(await openStore())
    await memory.add('lost', 'run/1')
    await expect(memory.remove('n9', 'run/1')).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    await memory.add('lost too', 'run/2')
    await expect(memory.add('bad', 'run/2', { metadata: { bad: Number.NaN } })).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
    })
    expect(memory.find('lost bad')).toEqual([])
  })

  it('leaves after any life that said other words what the last life alone leaves, and tells it the same', async () => {
    interface Call {
      readonly isAdd: boolean
      readonly word: string
      readonly lostWord: string
      readonly at: number
    }
    const word = fc.constantFrom('red', 'green', 'blue')
    const call = fc.record({ isAdd: fc.boolean(), word, lostWord: word, at: fc.nat(2) })
    type Memory = Awaited<ReturnType<typeof opener>>
    const act = async (memory: Memory, calls: readonly Call[], said: 'word' | 'lostWord'): Promise<string> => {
      const ids: string[] = []
      const told: string[] = []
      for (const [index, { isAdd, at, [said]: text }] of calls.entries()) {
        const key = `run/${index + 1}`
        const done = isAdd ? memory.add(text, key) : memory.update(ids[at] ?? 'n0', { tags: [text] }, key)
        const note = await done.catch(() => undefined)
        if (isAdd && note !== undefined) ids.push(note.id)
        told.push(`${note?.content ?? 'none'}:${note?.tags.join() ?? ''}`)
      }
      const left = memory.keeper.retrieve({ namespace: 'one', query: 'red green blue', limit: 1_000 })
      return `${told.join(' ')} | ${left
        .map(({ id, content, tags }) => `${id} ${content}:${tags.join()}`)
        .sort()
        .join(' ')}`
    }
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 7 }), fc.nat(7), async (calls, diedAfter) => {
        const [twice, once] = [await opener(await openStore()), await opener(await openStore())]
        await act(twice, calls.slice(0, diedAfter), 'lostWord')
        expect(await act(twice, calls, 'word')).toBe(await act(once, calls, 'word'))
        await Promise.all([twice.keeper.close(), once.keeper.close()])
      }),
      { numRuns: 100 },
    )
  })
})

describe('the result of a call', () => {
  it('is committed with what the call changed', async () => {
    const records = await openStore()
    const batches: string[][] = []
    const memory = await opener(
      withBatch(records, async (writes) => {
        batches.push(writes.map(({ space }) => space))
        await records.batch(writes)
      }),
    )
    await memory.add('apple', 'run/1')
    expect(batches).toEqual([[NOTES, KEYS, 'memory/it/head']])
  })

  it('is kept under a shorter name where the key is too long for a record, and forgotten with its run', async () => {
    const records = await openStore()
    const { embeddedMemory } = await import('@aios/memory')
    const { fakeDriverCall, fakeDriverServices } = await import('@aios/kernel/testing')
    const driver = embeddedMemory({ id: 'it' })
    await driver.open?.(fakeDriverServices(undefined, records))
    const call = fakeDriverCall({ key: `run/${'1.'.repeat(1_000)}1` })
    const ids = [1, 2].map(async () => (await driver.add({ namespace: 'one', content: 'x' }, call)).id)
    expect(await Promise.all(ids)).toEqual(['n1', 'n1'])
    await driver.forget?.('run')
    expect((await records.size(KEYS)).records).toBe(0)
    await driver.close?.()
  })
})
