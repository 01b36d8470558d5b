import { AiosError, ramRecords, type RecordStore } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { IdempotencyBook } from '../../../packages/kernel/src/syscall/idempotency-book.js'

const KEPT = 'kernel/idempotency'
const AGES = 'kernel/idempotency-ages'
const answer = (text: string) => ({ digest: 'd', value: { codec: 'j', text: JSON.stringify(text) } }) as const
const id = (name: string): Uint8Array => Buffer.from(name)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Bed {
  readonly records: RecordStore
  readonly book: IdempotencyBook
  readonly failed: unknown[]
  now: number
}

async function bed(most = 10, given: RecordStore = ramRecords()): Promise<Bed> {
  await given.open()
  const failed: unknown[] = []
  const made: Bed = {
    records: given,
    failed,
    now: 0,
    book: new IdempotencyBook({
      records: given,
      now: () => made.now,
      most,
      keepMs: 100,
      failed: (error) => failed.push(error),
    }),
  }
  return made
}

describe('an answer that is kept', () => {
  it.each(['', 'null\n', '{"schema":1\n', '{}\n', '{"schema":1,"digest":"d","at":"x","codec":"j"}\n', '7\n"text"'])(
    'and damaged (%s) is AIOS_CORRUPT, not an answer, and not overwritten',
    async (text) => {
      const { records, book } = await bed()
      await records.put(KEPT, id('a'), Buffer.from(text))
      await expect(book.find(id('a'))).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
      await expect(book.keep(id('a'), answer('new'))).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
      expect(Buffer.from((await records.get(KEPT, id('a')))?.value ?? []).toString()).toBe(text)
    },
  )

  it('of a newer version is left to that', async () => {
    const { records, book } = await bed()
    await records.put(KEPT, id('a'), Buffer.from('{"schema":2}\n'))
    await expect(book.find(id('a'))).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining('got 2') as string,
    })
  })

  it('goes with its age though it is damaged, and does not keep others', async () => {
    const it = await bed(2)
    for (const name of ['a', 'b', 'c', 'd']) {
      await it.book.keep(id(name), answer(name))
      if (name === 'a') await it.records.put(KEPT, id('a'), Buffer.from('{'))
      it.now += 1
      await turn()
    }
    expect(await it.records.get(KEPT, id('a'))).toBeUndefined()
    expect((await it.records.size(AGES)).records).toBeLessThanOrEqual(3)
    expect(it.failed).toEqual([])
  })

  it('stays where a newer version wrote it, which is told', async () => {
    const it = await bed(1)
    await it.book.keep(id('a'), answer('a'))
    await turn()
    await it.records.put(KEPT, id('a'), Buffer.from('{"schema":2}\n'))
    it.now = 1
    await it.book.keep(id('b'), answer('b'))
    await turn()
    expect(it.failed).toMatchObject([{ code: 'AIOS_STORE_UNAVAILABLE' }])
    expect(await it.records.get(KEPT, id('a'))).toBeDefined()
  })

  it('anew is not deleted with the old one of the same key', async () => {
    const it = await bed()
    await it.book.keep(id('a'), answer('old'))
    await it.records.put(AGES, Buffer.from('000000000000', 'hex'), new Uint8Array()).catch(() => undefined)
    it.now = 150
    expect(await it.book.find(id('a'))).toBeUndefined()
    await it.book.keep(id('a'), answer('new'))
    await turn()
    expect(await it.book.find(id('a'))).toMatchObject({ value: { text: '"new"' } })
    const stale = Buffer.concat([Buffer.from('000000000005', 'hex'), id('a')])
    await it.records.put(AGES, stale, new Uint8Array())
    it.now = 180
    for (let n = 0; n < 10; n += 1) await it.book.keep(id(`x${n}`), answer('x'))
    await turn()
    expect(await it.book.find(id('a'))).toMatchObject({ value: { text: '"new"' } })
  })

  it('is that of whoever was first, where two keep one at the same moment', async () => {
    const records = ramRecords()
    const [one, other] = [await bed(10, records), await bed(10, records)]
    const kept = await Promise.all([one.book.keep(id('a'), answer('one')), other.book.keep(id('a'), answer('other'))])
    expect(kept.filter((first) => first === undefined)).toHaveLength(1)
    expect(kept.find((first) => first !== undefined)).toMatchObject({ value: { text: '"one"' } })
  })

  it('goes on being kept when old ones cannot be deleted; one that another deletes meanwhile is no failure', async () => {
    for (const [error, told] of [
      [new AiosError('AIOS_VERSION_CONFLICT', 'changed'), 0],
      [new AiosError('AIOS_STORE_UNAVAILABLE', 'away'), 1],
    ] as const) {
      const inner = ramRecords()
      const records = new Proxy(inner, {
        get(target, name: keyof RecordStore) {
          const member: unknown = target[name]
          if (typeof member !== 'function') return member
          return (...given: unknown[]): unknown => {
            const writes = given[0] as readonly { readonly op: string; readonly space: string }[]
            if (name === 'batch' && writes.every(({ op }) => op === 'remove')) return Promise.reject(error)
            return (member.bind(target) as (...all: unknown[]) => unknown)(...given)
          }
        },
      })
      const it = await bed(1, records)
      for (const name of ['a', 'b', 'c']) {
        await it.book.keep(id(name), answer(name))
        it.now += 1
        await turn()
      }
      expect(it.failed.length > 0).toBe(told > 0)
      expect(await it.book.find(id('c'))).toMatchObject({ value: { text: '"c"' } })
    }
  })

  it('fails to be kept where the store does, with its error', async () => {
    const records = Object.assign(ramRecords(), {
      batch: () => Promise.reject(new AiosError('AIOS_QUOTA_EXCEEDED', 'full')),
    })
    const { book } = await bed(1, records)
    await expect(book.keep(id('a'), answer('a'))).rejects.toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED' })
  })
})
