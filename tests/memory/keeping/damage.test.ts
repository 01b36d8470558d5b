import { describe, expect, it } from 'vitest'
import { AiosError, type RecordStore } from '@aios/kernel/driver'
import { keyOfSerial } from '../../../packages/memory/src/note/note-id.js'
import { HEAD, KEYS, NOTES, openStore, opener } from './memory-world.js'

const corrupt = { code: 'AIOS_CORRUPT' }

async function rewrite(records: RecordStore, serial: number, change: (text: string) => string): Promise<void> {
  const found = await records.get(NOTES, keyOfSerial(serial))
  const text = Buffer.from(found?.value ?? '').toString()
  await records.put(NOTES, keyOfSerial(serial), Buffer.from(change(text)))
}

describe('a note that is damaged', () => {
  it.each<[string, (text: string) => string]>([
    ['cut', (text) => text.slice(0, -9)],
    ['of a newer format', (text) => text.replace('"format":1', '"format":2')],
    ['of no format', () => '{}'],
    ['no object', () => '[1]'],
    ['without a content', (text) => text.replace('"content"', '"contents"')],
    ['with tags that are no list', (text) => text.replace('"tags":[]', '"tags":"x"')],
    ['with times that are none', (text) => text.replace('"createdAt":1000', '"createdAt":"x"')],
    ['with an edition below zero', (text) => text.replace('"edition":0', '"edition":-1')],
  ])('%s is named in the log and rejects by its id, and the others are there', async (_what, change) => {
    const records = await openStore()
    const before = await opener(records)
    for (const content of ['apple one', 'apple two', 'apple three']) await before.add(content)
    await before.keeper.close()
    await rewrite(records, 2, change)

    const after = await opener(records)
    expect(after.find('apple')).toEqual(['apple one', 'apple three'])
    expect(after.log).toEqual(['memory cannot read note n2'])
    await expect(after.get('n2')).rejects.toMatchObject({
      ...corrupt,
      details: { space: NOTES, key: new Uint8Array(keyOfSerial(2)) },
    })
    await expect(after.update('n2', { content: 'x' })).rejects.toMatchObject(corrupt)
    await expect(after.remove('n2')).rejects.toMatchObject(corrupt)
    expect((await after.add('apple four')).id).toBe('n4')
  })

  it('that the store itself reports is passed by, in whatever place it stands', async () => {
    const records = await openStore()
    const before = await opener(records)
    for (let at = 0; at < 5; at += 1) await before.add(`apple ${at}`)
    await before.keeper.close()
    const bad = new Set([1, 3, 5].map((serial) => Buffer.from(keyOfSerial(serial)).toString('hex')))
    const check = (key: Uint8Array): void => {
      if (bad.has(Buffer.from(key).toString('hex')))
        throw new AiosError('AIOS_CORRUPT', 'checksum', { details: { space: NOTES, key } })
    }
    const shaky = new Proxy(records, {
      get(target, name) {
        if (name === 'range')
          return async function* (...given: Parameters<RecordStore['range']>) {
            for await (const record of target.range(...given)) {
              check(record.key)
              yield record
            }
          }
        if (name === 'getMany')
          return async (...[space, keys]: Parameters<RecordStore['getMany']>) => {
            keys.forEach(check)
            return target.getMany(space, keys)
          }
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const after = await opener(shaky)
    expect(after.find('apple')).toEqual(['apple 1', 'apple 3'])
    const results = await Promise.allSettled([
      after.update('n1', { content: 'x' }),
      after.update('n2', { content: 'pear' }),
    ])
    expect(results).toMatchObject([{ status: 'rejected', reason: corrupt }, { status: 'fulfilled' }])
    expect((await after.add('apple new')).id).toBe('n6')
  })

  it('is there again as soon as it is mended', async () => {
    const records = await openStore()
    const before = await opener(records)
    await before.add('apple')
    await rewrite(records, 1, (text) => text.slice(1))
    const after = await opener(records)
    await rewrite(records, 1, (text) => `{${text}`)
    expect((await after.get('n1')).content).toBe('apple')
    expect(after.find('apple')).toEqual(['apple'])
  })
})

describe('other records that are damaged', () => {
  it('keep one call from being answered, and the others go on', async () => {
    const records = await openStore()
    const memory = await opener(records)
    await memory.add('apple', 'run/1')
    await records.put(KEYS, Buffer.from('run/1'), Buffer.from('?'))
    await expect(memory.add('apple', 'run/1')).rejects.toMatchObject(corrupt)
    expect((await memory.add('pear', 'run/2')).id).toBe('n2')
    await records.put(KEYS, Buffer.from('run/3'), Buffer.from('{"format":1,"verb":"grow"}'))
    await expect(memory.add('apple', 'run/3')).rejects.toMatchObject(corrupt)
  })

  it('keep notes from being added where ids might be given twice, until the record is removed', async () => {
    const records = await openStore()
    const memory = await opener(records)
    const { id } = await memory.add('apple')
    await records.put(HEAD, Buffer.from('serial'), Buffer.from('?'))
    await expect(memory.add('pear')).rejects.toMatchObject({ ...corrupt, details: { space: HEAD } })
    await memory.update(id, { content: 'apple pie' })
    await records.remove(HEAD, Buffer.from('serial'))
    expect((await memory.add('pear')).id).toBe('n2')
  })
})
