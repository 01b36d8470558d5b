import { defineSyscall, ramRecords, type RecordStore, type SyscallOptions } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { row, testBed } from '../test-bed.js'

const key: SyscallOptions = { idempotencyKey: 'k' }

/** Is a shop on a store whose reads and commits a test lets pass. */
async function shop(): Promise<{
  readonly kernel: Awaited<ReturnType<typeof testBed>>
  readonly sales: ((value: unknown) => void)[]
  hold(what: 'get' | 'batch'): () => void
}> {
  const inner = ramRecords()
  const held = new Map<string, Promise<void>>()
  const records = new Proxy(inner, {
    get(target, name: keyof RecordStore) {
      const member: unknown = target[name]
      if (typeof member !== 'function') return member
      const bound = member.bind(target) as (...given: unknown[]) => unknown
      return name === 'get' || name === 'batch'
        ? async (...given: unknown[]) => (await held.get(name), bound(...given))
        : bound
    },
  })
  const sales: ((value: unknown) => void)[] = []
  const buy = defineSyscall({
    name: 'shop.buy',
    request: z.object({ item: z.string() }),
    execute: () => new Promise((resolve) => sales.push(resolve)),
  })
  const kernel = await testBed({ records, syscalls: [buy] })
  return {
    kernel,
    sales,
    hold: (what) => {
      let release: (() => void) | undefined
      held.set(what, new Promise((resolve) => (release = resolve)))
      return () => {
        held.delete(what)
        release?.()
      }
    },
  }
}

describe('whoever gives up a call with an idempotency key', () => {
  it('while it is looked up leaves it to the next; when all do, nothing runs', async () => {
    const { kernel, sales, hold } = await shop()
    const sys = kernel.sys()
    for (const stays of [true, false]) {
      const go = hold('get')
      const stop = new AbortController()
      const buy = (signal?: AbortSignal): Promise<unknown> => sys.call('shop.buy', { item: 'tea' }, { ...key, signal })
      const first = buy(stop.signal).catch(String)
      const second = stays ? buy() : buy(stop.signal).catch(String)
      await kernel.clock.settle()
      expect(row(kernel, sys.pid).calls[0]?.waitsFor).toContain('what is kept under its idempotency key')
      stop.abort('enough')
      expect(await first).toBe('enough')
      go()
      await kernel.clock.settle()
      if (stays) {
        expect(sales).toHaveLength(1)
        sales[0]?.('bought')
        expect(await second).toBe('bought')
      } else expect(await second).toBe('enough')
    }
    expect(sales).toHaveLength(1)
  })

  it('while the outcome is written loses only that: it is kept, and others get it', async () => {
    const { kernel, sales, hold } = await shop()
    const sys = kernel.sys()
    const stop = new AbortController()
    const first = sys.call('shop.buy', { item: 'tea' }, { ...key, signal: stop.signal }).catch(String)
    await kernel.clock.settle()
    const go = hold('batch')
    sales[0]?.('bought')
    await kernel.clock.settle()
    stop.abort('enough')
    expect(await first).toBe('enough')
    const late = sys.call('shop.buy', { item: 'tea' }, key)
    await kernel.clock.settle()
    go()
    expect(await late).toBe('bought')
    expect(await sys.call('shop.buy', { item: 'tea' }, key)).toBe('bought')
    expect(sales).toHaveLength(1)
  })
})

describe('answers that only RAM can hold', () => {
  it('are no more than limits.idempotencyKeys: the oldest goes, and its call runs again', async () => {
    let made = 0
    const make = defineSyscall({
      name: 'handle.make',
      request: z.object({ name: z.string() }),
      execute: () => ({ number: (made += 1), close: () => undefined }),
    })
    const kernel = await testBed({ syscalls: [make], limits: { idempotencyKeys: 1 } })
    const numberOf = async (name: string): Promise<unknown> =>
      ((await kernel.sys().call('handle.make', { name }, { idempotencyKey: name })) as { number: number }).number
    expect([await numberOf('a'), await numberOf('a'), await numberOf('b'), await numberOf('b')]).toEqual([1, 1, 2, 2])
    expect(await numberOf('a')).toBe(3)
  })
})
