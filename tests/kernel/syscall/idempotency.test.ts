import {
  AiosError,
  defineSyscall,
  ramRecords,
  type KernelOptions,
  type RecordStore,
  type SyscallOptions,
} from '@aios/kernel'
import { createTestKernel, virtualClock, type TestKernel } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { row, shut, start, testBed } from '../test-bed.js'

/** Is one call that the shop has. */
interface Sale {
  readonly item: string
  readonly done: (value: unknown) => void
  readonly fail: (error: unknown) => void
  readonly signal: AbortSignal
}

interface Shop {
  readonly kernel: TestKernel
  readonly sales: readonly Sale[]
}

/** Boots a kernel with a row `shop.buy` whose calls the test ends. */
async function shop(options: KernelOptions = {}, boot = testBed): Promise<Shop> {
  const sales: Sale[] = []
  const buy = defineSyscall({
    name: 'shop.buy',
    lane: 'shop',
    request: z.object({ item: z.string(), count: z.number().optional() }),
    execute: ({ item }, { signal }) =>
      new Promise((done, fail) => {
        sales.push({ item, done, fail, signal })
      }),
  })
  return { kernel: await boot({ ...options, syscalls: [buy] }), sales }
}

const key = (idempotencyKey: string): SyscallOptions => ({ idempotencyKey })
const tea = { item: 'tea' }

describe('idempotencyKey', () => {
  it('lets a call in flight be joined: one runs, both get the same object', async () => {
    const { kernel, sales } = await shop()
    const sys = kernel.sys()
    const first = sys.call('shop.buy', tea, key('k'))
    const second = sys.call('shop.buy', { count: undefined, ...tea }, key('k'))
    await kernel.clock.settle()
    expect(sales).toHaveLength(1)
    expect(row(kernel, sys.pid).calls[1]?.waitsFor).toBe('2 waits for the outcome of its idempotency key, held by 1')
    sales[0]?.done({ receipt: 1 })
    expect(await first).toEqual({ receipt: 1 })
    expect(await second).toBe(await first)
  })

  it('returns a copy of what a settled call resolved with, without running it', async () => {
    const { kernel, sales } = await shop()
    const sys = kernel.sys()
    const first = sys.call('shop.buy', tea, key('k'))
    await kernel.clock.settle()
    sales[0]?.done({ at: new Date(5) })
    const again = await Promise.all([first, first.then(() => sys.call('shop.buy', tea, key('k')))])
    expect(again[1]).toEqual({ at: new Date(5) })
    expect(again[1]).not.toBe(again[0])
    expect(sales).toHaveLength(1)
  })

  it('runs again what failed, and gives those that joined the same error', async () => {
    const { kernel, sales } = await shop()
    const sys = kernel.sys()
    const both = Promise.allSettled([sys.call('shop.buy', tea, key('k')), sys.call('shop.buy', tea, key('k'))])
    await kernel.clock.settle()
    sales[0]?.fail(new AiosError('AIOS_NOT_FOUND', 'sold out'))
    const [first, second] = (await both) as [PromiseRejectedResult, PromiseRejectedResult]
    expect(first.reason).toMatchObject({ code: 'AIOS_NOT_FOUND' })
    expect(second.reason).toBe(first.reason)
    const again = sys.call('shop.buy', tea, key('k'))
    await kernel.clock.settle()
    expect(sales).toHaveLength(2)
    sales[1]?.done('bought')
    expect(await again).toBe('bought')
  })

  it('rejects another request under the same key, in flight and settled', async () => {
    const { kernel, sales } = await shop()
    const sys = kernel.sys()
    const first = sys.call('shop.buy', tea, key('k'))
    await expect(sys.call('shop.buy', { item: 'milk' }, key('k'))).rejects.toMatchObject({
      code: 'AIOS_IDEMPOTENCY_CONFLICT',
    })
    sales[0]?.done('bought')
    await first
    await expect(sys.call('shop.buy', { item: 'milk' }, key('k'))).rejects.toMatchObject({
      code: 'AIOS_IDEMPOTENCY_CONFLICT',
    })
    expect(sales).toHaveLength(1)
  })

  it('means nothing in another tenant or namespace', async () => {
    const { kernel, sales } = await shop()
    const calls = [{ tenant: 'a' }, { tenant: 'b' }, { tenant: 'a', namespace: 'n' }].map((options) =>
      kernel.sys({ name: 'x', ...options }).call('shop.buy', tea, key('k')),
    )
    await kernel.clock.settle()
    expect(sales).toHaveLength(3)
    for (const sale of sales) sale.done('bought')
    await Promise.all(calls)
  })

  it('goes on without a joiner that is given up', async () => {
    const { kernel, sales } = await shop()
    const sys = kernel.sys()
    const first = sys.call('shop.buy', tea, key('k'))
    const stop = new AbortController()
    const second = sys.call('shop.buy', tea, { ...key('k'), signal: stop.signal })
    await kernel.clock.settle()
    stop.abort('enough')
    await expect(second).rejects.toBe('enough')
    expect(sales[0]?.signal.aborted).toBe(false)
    sales[0]?.done('bought')
    expect(await first).toBe('bought')
  })

  it('runs anew for the first that joined when the call that ran is given up', async () => {
    const { kernel, sales } = await shop()
    const { process, sys } = await start(kernel, { namespace: 'n' })
    const first = sys.call('shop.buy', tea, key('k'))
    const second = kernel.sys({ namespace: 'n' }).call('shop.buy', tea, key('k'))
    const third = kernel.sys({ namespace: 'n' }).call('shop.buy', tea, key('k'))
    await kernel.clock.settle()
    process.kill()
    await expect(first).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    await kernel.clock.settle()
    expect(sales.map(({ signal }) => signal.aborted)).toEqual([true, false])
    sales[0]?.done('too late')
    sales[1]?.done('bought')
    expect(await Promise.all([second, third])).toEqual(['bought', 'bought'])
  })

  it('leaves nothing behind when everybody gives up', async () => {
    const { kernel, sales } = await shop()
    const first = await start(kernel, { namespace: 'n' })
    const second = await start(kernel, { namespace: 'n' })
    first.sys.call('shop.buy', tea, key('k')).catch(() => undefined)
    second.sys.call('shop.buy', tea, key('k')).catch(() => undefined)
    second.process.kill()
    first.process.kill()
    await kernel.clock.settle()
    expect(sales).toHaveLength(0)
    const again = kernel.sys({ namespace: 'n' }).call('shop.buy', tea, key('k'))
    await kernel.clock.settle()
    sales[0]?.done('bought')
    expect(await again).toBe('bought')
  })

  it('takes part in suspends: the outcome is held for a joiner that is suspended', async () => {
    const { kernel, sales } = await shop()
    const { process, sys } = await start(kernel, { namespace: 'n' })
    const first = kernel.sys({ namespace: 'n' }).call('shop.buy', tea, key('k'))
    let seen: unknown
    void sys.call('shop.buy', tea, key('k')).then((value) => (seen = value))
    await kernel.clock.settle()
    process.suspend()
    sales[0]?.done('bought')
    expect(await first).toBe('bought')
    await kernel.clock.settle()
    expect(seen).toBeUndefined()
    process.resume()
    await kernel.clock.settle()
    expect(seen).toBe('bought')
  })

  it('refuses a call that would wait for the one it is made under', async () => {
    const again = defineSyscall({
      name: 'shop.again',
      lane: 'shop',
      request: z.object({}),
      execute: (_, { sys }) => sys.call('shop.again', {}, key('k')),
    })
    const kernel = await testBed({ syscalls: [again] })
    await expect(kernel.sys().call('shop.again', {}, key('k'))).rejects.toMatchObject({ code: 'AIOS_WAIT_CYCLE' })
  })

  it('shows each caller what its hooks make of the one answer', async () => {
    const { kernel, sales } = await shop()
    let seen = 0
    kernel.use({ after: (_, result) => `${String(result)} ${(seen += 1)}` }, 'shop.buy')
    const sys = kernel.sys()
    const both = Promise.all([sys.call('shop.buy', tea, key('k')), sys.call('shop.buy', tea, key('k'))])
    await kernel.clock.settle()
    sales[0]?.done('bought')
    expect(await both).toEqual(['bought 1', 'bought 2'])
    expect(await sys.call('shop.buy', tea, key('k'))).toBe('bought 3')
    expect(sales).toHaveLength(1)
  })

  it('keeps in RAM what cannot be copied', async () => {
    const { kernel, sales } = await shop()
    const sys = kernel.sys()
    const handle = { close: (): void => undefined }
    const first = sys.call('shop.buy', tea, key('k'))
    await kernel.clock.settle()
    sales[0]?.done(handle)
    expect(await first).toBe(handle)
    expect(await sys.call('shop.buy', tea, key('k'))).toBe(handle)
    expect(sales).toHaveLength(1)
  })

  it('is a string of 1 to 256 characters', async () => {
    const { kernel } = await shop()
    for (const given of ['', 'x'.repeat(257), 5])
      await expect(kernel.sys().call('shop.buy', tea, key(given as string))).rejects.toMatchObject({
        code: 'AIOS_INVALID_OPTION',
      })
  })

  it('is refused where it would mean nothing, and for a request that cannot be compared', async () => {
    const { kernel } = await shop()
    const sys = kernel.sys()
    const messages = [{ role: 'user' as const, content: 'x' }]
    await expect(sys.llm.stream({ messages }, key('k')).result).rejects.toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    await expect(sys.clock.sleep({ ms: 1 }, key('k'))).rejects.toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    await expect(sys.agent.spawn({ agent: () => 1 }, key('k'))).rejects.toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    await expect(sys.call('shop.buy', { item: 'tea', x: () => 1 }, key('k'))).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
    })
  })
})

describe('what is kept under an idempotency key', () => {
  const open = async (records: RecordStore, options: KernelOptions = {}): Promise<Shop> =>
    shop({ records, ...options }, (given) => createTestKernel(given as Parameters<typeof createTestKernel>[0]))

  async function bought({ kernel, sales }: Shop, item: string): Promise<unknown> {
    const before = sales.length
    const sale = kernel.sys().call('shop.buy', { item }, key(item))
    await kernel.clock.settle()
    if (sales.length > before) sales.at(-1)?.done(`${item} of ${kernel.clock.now()}`)
    return sale
  }

  it('outlives its kernel', async () => {
    const records = ramRecords()
    const before = await open(records)
    expect(await bought(before, 'tea')).toBe('tea of 0')
    await records.open()
    await shut(before.kernel)
    const after = await open(records, { clock: virtualClock(7), journal: true })
    expect(await bought(after, 'tea')).toBe('tea of 0')
    await shut(after.kernel)
  })

  it('is what the first of two kernels recorded', async () => {
    const records = ramRecords()
    const one = await open(records)
    const other = await open(records, { clock: virtualClock(7) })
    const first = one.kernel.sys().call('shop.buy', tea, key('k'))
    const second = other.kernel.sys().call('shop.buy', tea, key('k'))
    await one.kernel.clock.settle()
    other.sales[0]?.done('second')
    expect(await second).toBe('second')
    one.sales[0]?.done('first')
    expect(await first).toBe('second')
    await shut(one.kernel)
    await shut(other.kernel)
  })

  it('is durable before the caller goes on, and a store that fails is asked again', async () => {
    const inner = ramRecords()
    let broken = true
    const records: RecordStore = Object.create(inner, {
      batch: {
        value: (writes: Parameters<RecordStore['batch']>[0]) =>
          broken ? Promise.reject(new AiosError('AIOS_STORE_UNAVAILABLE', 'away')) : inner.batch(writes),
      },
      get: { value: (space: string, id: Uint8Array) => inner.get(space, id) },
      open: { value: () => inner.open() },
      close: { value: () => inner.close() },
    }) as RecordStore
    const { kernel, sales } = await open(records)
    const sys = kernel.sys()
    const first = sys.call('shop.buy', tea, key('k'))
    await kernel.clock.settle()
    sales[0]?.done('bought')
    await expect(first).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    broken = false
    Object.defineProperty(records, 'size', { value: (space: string) => inner.size(space) })
    Object.defineProperty(records, 'range', { value: (space: string) => inner.range(space) })
    Object.defineProperty(records, 'getMany', { value: inner.getMany.bind(inner) })
    expect(await sys.call('shop.buy', tea, key('k'))).toBe('bought')
    expect(sales).toHaveLength(1)
    expect(await inner.size('kernel/idempotency')).toMatchObject({ records: 1 })
    await shut(kernel)
  })

  it('is forgotten when it is too old', async () => {
    const records = ramRecords()
    const it = await open(records, { limits: { idempotencyMs: 1_000 } })
    expect(await bought(it, 'tea')).toBe('tea of 0')
    await it.kernel.clock.advance(999)
    expect(await bought(it, 'tea')).toBe('tea of 0')
    await it.kernel.clock.advance(1)
    expect(await bought(it, 'tea')).toBe('tea of 1000')
    expect(await records.size('kernel/idempotency-ages')).toMatchObject({ records: 1 })
    await shut(it.kernel)
  })

  it('is no more than a number of answers, the oldest of which go first', async () => {
    const records = ramRecords()
    const it = await open(records, { limits: { idempotencyKeys: 2 } })
    for (const item of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await bought(it, item)
      await it.kernel.clock.advance(1)
    }
    const { records: left } = await records.size('kernel/idempotency')
    expect(left).toBeLessThanOrEqual(3)
    expect(await records.size('kernel/idempotency-ages')).toMatchObject({ records: left })
    expect(await bought(it, 'f')).toBe('f of 5')
    expect(await bought(it, 'a')).toBe('a of 6')
    await shut(it.kernel)
  })
})
