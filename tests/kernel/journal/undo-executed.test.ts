import { defineSyscall, fork, ramRecords, readRun, type Agent, type RecordStore, type Undone } from '@aios/kernel'
import type { TestKernel } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { testBed } from '../test-bed.js'

/** Is a shop that notes what was ordered and what was cancelled, each with its key. */
class Shop {
  readonly log: string[] = []

  readonly order = defineSyscall({
    name: 'shop.order',
    request: z.object({ what: z.string() }),
    execute: ({ what }, { key }) => {
      this.log.push(`order ${what} ${key}`)
      return { what, by: key }
    },
    compensate: ({ what }, { by }, { key }) => void this.log.push(`cancel ${what} ${by} ${key}`),
  })

  open(records: RecordStore = ramRecords()): Promise<TestKernel> {
    return testBed({ journal: true, records, syscalls: [this.order] })
  }
}

const buyer =
  (...orders: readonly (readonly [what: string, idempotencyKey?: string])[]): Agent<undefined, unknown> =>
  async (sys) => {
    const got: unknown[] = []
    for (const [what, idempotencyKey] of orders)
      got.push(await sys.call('shop.order', { what }, { ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }))
    return got
  }

const ids = ({ undone }: Undone): readonly string[] => undone.map(({ id }) => id)
const whys = ({ skipped }: Undone): readonly string[] => skipped.map(({ id, why }) => `${id} ${why}`)

describe('undo of calls that an idempotency key makes one', () => {
  it('undoes what was executed once, in the run that executed it', async () => {
    const shop = new Shop()
    const kernel = await shop.open()
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'one' })
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'two' })
    expect(await kernel.undo('two')).toEqual({
      undone: [],
      skipped: [{ id: 'two/1', name: 'shop.order', why: 'covered' }],
    })
    expect(whys(await kernel.undo('two/1'))).toEqual(['two/1 covered'])
    expect(ids(await kernel.undo('one'))).toEqual(['one/1'])
    expect(whys(await kernel.undo('two'))).toEqual(['two/1 already-undone'])
    expect(shop.log).toEqual(['order tea one/1', 'cancel tea one/1 one/1/undo'])
  })

  it('undoes it once for calls of one run, together and one after the other', async () => {
    const shop = new Shop()
    const kernel = await shop.open()
    const agent: Agent<undefined, void> = async (sys) => {
      const call = (): Promise<unknown> => sys.call('shop.order', { what: 'tea' }, { idempotencyKey: 'k' })
      await Promise.all([call(), call()])
      await call()
    }
    await kernel.run(agent, undefined, { runId: 'r' })
    const undone = await kernel.undo('r')
    expect(ids(undone)).toEqual(['r/1'])
    expect([...whys(undone)].sort()).toEqual(['r/2 covered', 'r/3 covered'])
    expect(shop.log).toEqual(['order tea r/1', 'cancel tea r/1 r/1/undo'])
  })

  it('lets the key be executed anew once it is undone, and undoes that too', async () => {
    const shop = new Shop()
    const kernel = await shop.open()
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'one' })
    await kernel.undo('one')
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'two' })
    expect(await kernel.undo('one')).toMatchObject({ undone: [], skipped: [{ why: 'already-undone' }] })
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'three' })
    expect(shop.log).toEqual(['order tea one/1', 'cancel tea one/1 one/1/undo', 'order tea two/1'])
    expect(ids(await kernel.undo('two'))).toEqual(['two/1'])
    expect(whys(await kernel.undo('three'))).toEqual(['three/1 already-undone'])
  })

  it('does so in another kernel on the same store, later', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const first = await shop.open(records)
    await first.run(buyer(['tea', 'k']), undefined, { runId: 'one' })
    await first.run(buyer(['tea', 'k']), undefined, { runId: 'two' })
    const later = await shop.open(records)
    expect(whys(await later.undo('two'))).toEqual(['two/1 covered'])
    expect(ids(await later.undo('one'))).toEqual(['one/1'])
    await later.run(buyer(['tea', 'k']), undefined, { runId: 'three' })
    expect(shop.log.at(-1)).toBe('order tea three/1')
  })

  it('takes the call that got the outcome for the one that was given up while it was stored', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const kernel = await shop.open(records)
    const giveUp = new AbortController()
    const agent: Agent<undefined, void> = async (sys) => {
      const call = (signal?: AbortSignal): Promise<unknown> =>
        sys.call('shop.order', { what: 'tea' }, { idempotencyKey: 'k', ...(signal && { signal }) })
      const { batch } = records
      records.batch = (writes) => {
        if (writes.some(({ space }) => space === 'kernel/idempotency')) giveUp.abort(new Error('given up'))
        return batch.call(records, writes)
      }
      const [, second] = await Promise.allSettled([call(giveUp.signal), call()])
      expect(second.status).toBe('fulfilled')
    }
    await kernel.run(agent, undefined, { runId: 'r' })
    expect(ids(await kernel.undo('r'))).toEqual(['r/2'])
    expect(shop.log).toEqual(['order tea r/1', 'cancel tea r/1 r/2/undo'])
  })

  it('does not forget what was executed under the key since', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const kernel = await shop.open(records)
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'one' })
    for await (const { key } of records.range('kernel/idempotency')) await records.remove('kernel/idempotency', key)
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'two' })
    await kernel.undo('one')
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'three' })
    expect(shop.log.filter((line) => line.startsWith('order'))).toEqual(['order tea one/1', 'order tea two/1'])
  })

  it('undoes as before what was recorded without who executed it', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const kernel = await shop.open(records)
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'one' })
    for await (const { key } of records.range('journal/executions')) await records.remove('journal/executions', key)
    expect(ids(await kernel.undo('one'))).toEqual(['one/1'])
  })

  it('refuses a damaged mark of who executed a call', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const kernel = await shop.open(records)
    await kernel.run(buyer(['tea', 'k']), undefined, { runId: 'one' })
    for (const damaged of ['{', '{}', '{"by":"one/1","answer":1}']) {
      for await (const { key } of records.range('journal/executions'))
        await records.put('journal/executions', key, Buffer.from(damaged))
      await expect(kernel.undo('one')).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    }
    expect(shop.log).toEqual(['order tea one/1'])
  })
})

describe('undo of a fork', () => {
  const twice: Agent<undefined, unknown> = async (sys) => {
    await sys.call('shop.order', { what: 'tea' })
    await sys.random.next()
    await sys.call('shop.order', { what: 'milk' })
  }

  it('undoes what the fork did, and leaves what it copied to the run that did it', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const kernel = await shop.open(records)
    await kernel.run(twice, undefined, { runId: 'orig' })
    const journal = await readRun(records, 'orig')
    const at = journal.lines.find((line) => line.kind === 'call' && line.row === 'random.next')?.n ?? 0
    await kernel.run(twice, undefined, { runId: 'forked', replay: fork(journal, { at }) })
    shop.log.length = 0
    const undone = await kernel.undo('forked')
    expect([ids(undone), whys(undone)]).toEqual([['forked/3'], ['forked/1 covered']])
    expect(ids(await kernel.undo('orig'))).toEqual(['orig/3', 'orig/1'])
    expect(whys(await kernel.undo('forked'))).toEqual(['forked/3 already-undone', 'forked/1 already-undone'])
    expect(shop.log).toEqual([
      'cancel milk forked/3 forked/3/undo',
      'cancel milk orig/3 orig/3/undo',
      'cancel tea orig/1 orig/1/undo',
    ])
  })

  it('finds who executed a call through a fork of a fork', async () => {
    const shop = new Shop()
    const records = ramRecords()
    const kernel = await shop.open(records)
    await kernel.run(twice, undefined, { runId: 'orig' })
    const journal = await readRun(records, 'orig')
    const at = journal.lines.find((line) => line.kind === 'call' && line.row === 'random.next')?.n ?? 0
    const last = journal.lines.findLast((line) => line.kind === 'call')?.n ?? 0
    const again = fork(fork(journal, { at: last, runId: 'between' }), { at })
    await kernel.run(twice, undefined, { runId: 'forked', replay: again })
    await kernel.undo('orig')
    const undone = await kernel.undo('forked')
    expect([ids(undone), whys(undone)]).toEqual([['forked/3'], ['forked/1 already-undone']])
  })
})
