/** A device that answers at once, call after call, leaves the event loop its turns. */
import { systemClock } from '../../../packages/kernel/src/time/system-clock.js'
import { PUMP_STARTS } from '../../../packages/kernel/src/limits.js'
import { createKernel, type Clock, type Kernel } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { heldMemory, noteOf, watch, type Held } from '../fake-drivers.js'

const CALLS = 4_000

/** How a device answers at once: with a value, or with a promise that is already kept. */
const ANSWERS: Readonly<Record<string, (label: string) => unknown>> = {
  'promises that are already kept': async (label) => noteOf(label),
  values: noteOf,
}

interface Queue {
  readonly kernel: Kernel
  readonly held: Held
  /** Lets the device go through the queue. */
  drain(): void
}

/** Fills a lane with calls that the device will answer at once, behind some that have all its slots. */
async function queueOf(slots: number, answer: (label: string) => unknown, clock: Clock): Promise<Queue> {
  const firsts = Array.from({ length: slots }, (_, index) => `first ${index}`)
  const onCall = (label: string): unknown => (firsts.includes(label) ? undefined : answer(label))
  const memory = heldMemory({ limits: { concurrency: slots }, onCall })
  const kernel = await createKernel({ memory, clock })
  onTestFinished(() => kernel.close())
  const sys = kernel.sys()
  for (const content of firsts) void watch(sys.memory.add({ content }))
  for (let call = 0; call < CALLS; call += 1) void watch(sys.memory.add({ content: String(call) }))
  const drain = (): void => {
    for (const first of firsts) memory.held.succeed(first)
  }
  return { kernel, held: memory.held, drain }
}

/** Waits for a turn of the event loop, in which input and output can be served. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** Returns how many calls started between one turn and the next, until all have. */
async function startsByTurn({ held, drain }: Queue): Promise<readonly number[]> {
  const starts: number[] = []
  drain()
  for (let seen = held.started.length; held.started.at(-1) !== String(CALLS - 1); seen = held.started.length) {
    await turn()
    starts.push(held.started.length - seen)
  }
  return starts
}

describe.each(Object.entries(ANSWERS))('a device that answers with %s', (_, answer) => {
  it.each([1, 7])(
    'on %i slots starts no more than PUMP_STARTS calls between two turns, though no time passes',
    async (slots) => {
      const starts = await startsByTurn(await queueOf(slots, answer, virtualClock()))
      expect(starts.reduce((sum, each) => sum + each, 0)).toBe(CALLS)
      expect(Math.max(...starts)).toBeLessThanOrEqual(PUMP_STARTS)
      expect(starts.length).toBeGreaterThanOrEqual(CALLS / PUMP_STARTS)
    },
  )

  it('lets an immediate and a timer go off long before the queue is empty', async () => {
    const { kernel, held, drain } = await queueOf(1, answer, systemClock)
    const queuedAt: Record<string, number> = {}
    const note = (what: string) => () => void (queuedAt[what] = kernel.stats().lanes[0]!.queued)
    setImmediate(note('immediate'))
    setTimeout(note('timer'))
    drain()
    while (held.started.at(-1) !== String(CALLS - 1)) await turn()
    expect(queuedAt['immediate']).toBeGreaterThanOrEqual(CALLS - PUMP_STARTS)
    expect(queuedAt['timer']).toBeGreaterThan(CALLS / 2)
  })
})
