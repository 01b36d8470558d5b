/** Whatever happens to a kernel, every promise settles once and nothing is lost, doubled or leaked. */
import { AiosError, type Sys } from '@aios/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chaos, close, commands, isLawful, type Chaos, type Command } from './model/chaos.js'
import type { Ticket } from './model/still-devices.js'

const numRuns = 60 * Number(process.env['AIOS_FUZZ'] ?? 1)

/** Counts how often each call and each process was said to have ended. */
function countEnds({ kernel }: Chaos): {
  calls: Map<number, number>
  processes: Map<number, number>
  closed: () => number
} {
  const calls = new Map<number, number>()
  const processes = new Map<number, number>()
  let closed = 0
  const count = (into: Map<number, number>, id: number): void => void into.set(id, (into.get(id) ?? 0) + 1)
  kernel.on('syscall:settled', ({ id }) => {
    count(calls, id)
  })
  kernel.on('process:exited', ({ pid }) => {
    count(processes, pid)
  })
  kernel.on('kernel:closed', () => {
    closed += 1
  })
  return { calls, processes, closed: () => closed }
}

/** Lets go of all that is held, so that whatever still waits then waits for ever. */
async function letGo({ kernel, clock, devices, handles, made, agents }: Chaos): Promise<void> {
  for (const handle of handles) handle.resume()
  for (let turn = 0; turn < 20; turn += 1) {
    for (const held of [...devices.held.values()]) held.succeed(1)
    await clock.settle()
  }
  for (const each of made) if (each.settled === 0) each.abort()
  await clock.advance(1_000)
  for (const agent of agents) agent.end('return')
  await clock.settle()
  expect(kernel.ps().filter(({ state }) => state !== 'exited' && state !== 'sleeping')).toEqual([])
}

/** Fills every lane at once: a slot, key or reservation that was not given back would keep something from starting. */
async function probe({ kernel, clock, devices }: Chaos): Promise<void> {
  let sys: Sys | undefined
  const process = kernel.spawn(
    (given) => {
      sys = given
      return new Promise(() => undefined)
    },
    undefined,
    { budget: { tokens: 30 } },
  )
  await clock.settle()
  const before = devices.starts.length
  const text = (label: number): string => JSON.stringify({ label, input: 5 } satisfies Ticket)
  const ask = (label: number): Promise<unknown> =>
    sys!.llm.chat({ model: 'still', messages: [{ role: 'user', content: text(label) }], maxOutputTokens: 10 })
  const calls = [
    ...[sys!.memory.add({ content: text(1e6) }), sys!.storage.write({ path: 'f', content: text(1e6 + 1) })],
    ...[sys!.tool.call({ name: 'local/t', input: { label: 1e6 + 2, keys: ['a', 'b'] } }), ask(1e6 + 3), ask(1e6 + 4)],
  ]
  // Hooks break some calls by their number; what is left must be on its device.
  const settled = await Promise.all(
    calls.map((each) =>
      Promise.race([
        each.then(
          () => true,
          () => true,
        ),
        clock.settle().then(() => false),
      ]),
    ),
  )
  expect(devices.starts.length - before).toBe(settled.filter((isSettled) => !isSettled).length)
  process.kill()
  for (const held of [...devices.held.values()]) held.succeed(0)
  await Promise.allSettled(calls)
  await clock.settle()
}

function nameOf(outcome: unknown): string {
  if (typeof outcome === 'symbol') return 'reason'
  return outcome instanceof AiosError ? outcome.code : 'value'
}

async function liveThrough(list: readonly Command[], seen: Set<unknown>): Promise<void> {
  const world = await chaos()
  const ends = countEnds(world)
  for (const command of list) await world.run(command)
  if (!world.isClosing) {
    await letGo(world)
    const { lanes, outstanding } = world.kernel.stats()
    expect({ outstanding, lanes: lanes.map(({ lane, running, queued }) => ({ lane, running, queued })) }).toEqual({
      outstanding: 0,
      lanes: lanes.map(({ lane }) => ({ lane, running: 0, queued: 0 })),
    })
    await probe(world)
  }
  close(world)
  await world.clock.runAll()
  await world.kernel.close()
  expect(world.made.map(({ settled, outcome }) => ({ settled, lawful: isLawful(outcome) }))).toEqual(
    world.made.map(() => ({ settled: 1, lawful: true })),
  )
  for (const { outcome } of world.made) seen.add(nameOf(outcome))
  expect([...ends.calls.values(), ...ends.processes.values()].filter((times) => times !== 1)).toEqual([])
  // Once the kernel is closed nobody is told any more.
  const { settled } = world.kernel.stats()
  expect(ends.calls.size).toBeGreaterThanOrEqual(settled - world.made.filter(({ isLate }) => isLate).length)
  expect(ends.calls.size).toBeLessThanOrEqual(settled)
  expect(world.made.map(({ listeners }) => listeners()).filter((count) => count > 0)).toEqual([])
  expect({ closed: ends.closed(), timers: world.clock.pending }).toEqual({ closed: 1, timers: 0 })
  expect(world.devices.closed.filter((device) => device !== 'llm/flow').sort()).toEqual([
    'llm/main',
    'memory',
    'storage',
    'tool',
  ])
}

/** Codes that show how bad the company was. */
const CODES =
  'PROCESS_KILLED PROCESS_EXITED CLOSED DRIVER_FAILED HOOK_FAILED WAIT_CYCLE UNKNOWN_SYSCALL INVALID_SYSCALL'

it('every call settles once, and slots, keys, budgets, listeners, timers and drivers are given back', async () => {
  const seen = new Set<unknown>()
  await fc.assert(
    fc.asyncProperty(commands(), (list) => liveThrough(list, seen)),
    { numRuns },
  )
  const expected = ['value', 'reason', ...CODES.split(' ').map((code) => `AIOS_${code}`)]
  expect([...seen]).toEqual(expect.arrayContaining(expected))
})
