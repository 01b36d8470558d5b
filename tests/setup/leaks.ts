/**
 * Fails a test file that leaves something behind: a handle, a timer (even an unref'd one), a child process, a
 * listener on `process`, or more listeners on one emitter than Node thinks healthy. Vitest itself already fails a run
 * with an unhandled rejection.
 */
import { afterAll, beforeAll, expect } from 'vitest'

/** How long sockets and files may take to close after the last test. */
const GRACE_MS = 1_000

const realNow = performance.now.bind(performance)
const realImmediate = setImmediate
const timers = new Set<NodeJS.Timeout>()
/** Timers from which on those that are done are let go of, with all that they hold. */
const FEW_TIMERS = 1_000
let mostTimers = FEW_TIMERS
const warnings: string[] = []

/** Wraps a timer function so that what it starts is known; vitest keeps its own untouched copies. */
function tracked<F extends typeof setTimeout | typeof setInterval>(start: F): F {
  const wrapper = (...args: Parameters<typeof setTimeout>) => {
    const timer = start(...args)
    timers.add(timer)
    if (timers.size > mostTimers) forgetDone()
    return timer
  }
  return Object.assign<object, F>(wrapper, start)
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function forgetDone(): void {
  for (const timer of timers) if (!isLive(timer)) timers.delete(timer)
  mostTimers = FEW_TIMERS + 2 * timers.size
}

const isLive = (timer: NodeJS.Timeout) => !(timer as unknown as { _destroyed: boolean })._destroyed

/** Lists what is alive now, each thing once for every time it is there. */
function alive(): string[] {
  const listeners = process
    .eventNames()
    .flatMap((name) => Array.from({ length: process.listenerCount(name as 'exit') }, () => `listener:${String(name)}`))
  // Timers are counted from the wrapper: the resource list knows neither unref'd ones nor whose they are.
  const handles = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate')
  return [...handles, ...listeners, ...[...timers].filter(isLive).map(() => 'timer')]
}

function leaked(before: ReadonlyMap<string, number>): string[] {
  return [...counted(alive())]
    .filter(([name, count]) => count > (before.get(name) ?? 0))
    .map(([name, count]) => `${name} x${count - (before.get(name) ?? 0)}`)
}

const onWarning = (warning: Error) => {
  if (warning.name === 'MaxListenersExceededWarning') warnings.push(`warning: ${warning.message}`)
}

process.on('warning', onWarning)
globalThis.setTimeout = tracked(setTimeout)
globalThis.setInterval = tracked(setInterval)

let before: ReadonlyMap<string, number> = new Map()

beforeAll(() => {
  before = counted(alive())
})

afterAll(async () => {
  const deadline = realNow() + GRACE_MS
  let left = leaked(before)
  while (left.length > 0 && realNow() < deadline) {
    await new Promise((resolve) => realImmediate(resolve))
    left = leaked(before)
  }
  expect([...left, ...warnings], 'left behind by this test file').toEqual([])
})
