import { getEventListeners } from 'node:events'
import { virtualClock } from '@aios/kernel/testing'
import { expect, it } from 'vitest'
import { BoundedWaits, type WaitLimit } from '../../../packages/tools/src/registry/bounded-waits.js'
import { rejection } from '../open-tools.js'

function bench(more: Partial<WaitLimit> = {}) {
  const clock = virtualClock()
  const waits = new BoundedWaits()
  const seen: unknown[] = []
  let settle!: { resolve(value: unknown): void; reject(error: unknown): void }
  const work = new Promise<unknown>((resolve, reject) => {
    settle = { resolve, reject }
  })
  const wait = waits.until(work, {
    clock,
    timeoutMs: 100,
    timeoutError: () => new Error('time is over'),
    onGiveUp: (reason) => void seen.push(reason.message),
    onLate: (outcome) => void seen.push(outcome),
    ...more,
  })
  return { clock, waits, seen, settle, wait }
}

it('settles as the work does and leaves no timer', async () => {
  const good = bench()
  good.settle.resolve(7)
  expect(await good.wait).toBe(7)
  const bad = bench()
  const error = new Error('no')
  bad.settle.reject(error)
  expect(await rejection(bad.wait)).toBe(error)
  expect([good.clock.pending, bad.clock.pending, good.seen, bad.seen]).toEqual([0, 0, [], []])
})

it('gives up exactly at its time limit, once, and tells', async () => {
  const { clock, wait, seen } = bench()
  const ended = rejection(wait)
  await clock.advance(99)
  expect(seen).toEqual([])
  await clock.advance(1)
  expect((await ended).message).toBe('time is over')
  expect(seen).toEqual(['time is over'])
})

it('hears of work that settles too late, either way', async () => {
  for (const outcome of ['fulfilled', 'rejected']) {
    const { clock, wait, seen, settle } = bench()
    const ended = rejection(wait)
    await clock.advance(100)
    if (outcome === 'fulfilled') settle.resolve(1)
    else settle.reject(new Error('late'))
    await clock.settle()
    await ended
    expect(seen).toEqual(['time is over', outcome])
  }
})

it('sets no timer without a time limit', () => {
  expect(bench({ timeoutMs: Infinity }).clock.pending).toBe(0)
})

it('ends with its signal, whether that aborts later or has aborted before', async () => {
  for (const isEarly of [true, false]) {
    const controller = new AbortController()
    const reason = new Error('enough')
    if (isEarly) controller.abort(reason)
    const { wait, clock } = bench({ signal: controller.signal })
    const ended = rejection(wait)
    controller.abort(reason)
    expect(await ended).toBe(reason)
    expect([clock.pending, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0])
  }
})

it('takes its listener away when the work settles', async () => {
  const { signal } = new AbortController()
  const { wait, settle } = bench({ signal })
  expect(getEventListeners(signal, 'abort').length).toBe(1)
  settle.resolve(1)
  await wait
  expect(getEventListeners(signal, 'abort').length).toBe(0)
})

it('ends every wait at once', async () => {
  const { waits, wait, clock, seen } = bench()
  const other = waits.until(new Promise(() => undefined), {
    clock,
    timeoutMs: Infinity,
    timeoutError: () => new Error(),
    onLate: () => undefined,
  })
  const ended = [rejection(wait), rejection(other)]
  const reason = new Error('closed')
  waits.endAll(reason)
  expect(await Promise.all(ended)).toEqual([reason, reason])
  expect([clock.pending, seen]).toEqual([0, ['closed']])
})
