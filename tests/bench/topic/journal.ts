import { createKernel, defineSyscall, listRuns, ramRecords, type Agent, type Kernel, type Sys } from '@aios/kernel'
import { aim, atMost, digits, floored, type Section } from '../measure/report.js'
import { summarise } from '../measure/summary.js'
import type { Mode } from './mode.js'

const BURST = 1_000
/** Milliseconds between bursts: what is left of the one before is then written. */
const REST_MS = 25
const CALLS = 10

const echo = defineSyscall({
  name: 'bench.echo',
  request: {
    '~standard': { version: 1, vendor: 'bench', validate: (value: unknown) => ({ value: value as { x: number } }) },
  },
  effect: 'repeatable',
  lane: 'bench',
  limits: { concurrency: BURST },
  execute: ({ x }) => Promise.resolve(x),
})

const rest = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Makes a burst of calls; returns the microseconds of each until all were answered. */
async function burst(kernel: Kernel): Promise<number> {
  const agent: Agent<number, number> = async (sys: Sys) => {
    const from = performance.now()
    await Promise.all(Array.from({ length: BURST }, (_, x) => sys.call('bench.echo', { x })))
    return ((performance.now() - from) * 1_000) / BURST
  }
  const took = await kernel.run(agent, 0)
  await rest(REST_MS)
  return took
}

async function trapCost(rounds: number): Promise<{ off: number; on: number; ratio: number; bytes: number }> {
  const records = ramRecords()
  const plain = await createKernel({ syscalls: [echo] })
  const journalled = await createKernel({ syscalls: [echo], records, journal: true })
  for (let round = 0; round < 5; round += 1) {
    await burst(plain)
    await burst(journalled)
  }
  const [off, on]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    off.push(await burst(plain))
    on.push(await burst(journalled))
  }
  const { bytes, records: lines } = await records.size('journal/lines')
  await plain.close()
  await journalled.close()
  const ratios = on.map((each, round) => each / (off[round] as number))
  // A request and a result of this benchmark take about ten bytes.
  return {
    off: summarise(off).median,
    on: summarise(on).median,
    ratio: summarise(ratios).median,
    bytes: bytes / lines - 10,
  }
}

/** Interrupts agents after some calls each, and measures until all of them have ended in another kernel. */
async function recoveryMs(agents: number): Promise<number> {
  const records = ramRecords()
  const make = (): Promise<Kernel> => createKernel({ syscalls: [echo], records, journal: true })
  const first = await make()
  let there = 0
  const stuck: Agent<number, never> = async (sys, input) => {
    for (let x = 0; x < CALLS; x += 1) await sys.call('bench.echo', { x: input + x })
    there += 1
    return new Promise<never>(() => undefined)
  }
  for (let input = 0; input < agents; input += 1) first.spawn(stuck, input, { name: 'worker' })
  while (there < agents) await rest(10)
  await first.close()
  const second = await make()
  const goesOn: Agent<number, number> = async (sys, input) => {
    for (let x = 0; x < CALLS; x += 1) await sys.call('bench.echo', { x: input + x })
    return (await sys.call('bench.echo', { x: -1 })) as number
  }
  const from = performance.now()
  const { processes } = await second.recover({ agents: { worker: goesOn } })
  await Promise.all(processes.map(({ result }) => result))
  const took = performance.now() - from
  let ended = 0
  for await (const { state } of listRuns(records)) if (state === 'fulfilled') ended += 1
  await second.close()
  return processes.length === agents && ended === agents ? took : Number.POSITIVE_INFINITY
}

/** Measures what the journal costs a call, and how fast interrupted agents go on. */
export async function journal(mode: Mode): Promise<readonly Section[]> {
  const [rounds, agents] = mode === 'full' ? [60, 10_000] : [15, 1_000]
  const trap = await trapCost(rounds)
  const seconds = (await recoveryMs(agents)) / 1_000
  return [
    {
      title: 'The journal, over a store in RAM',
      lines: [
        `a call of a burst of ${BURST}: ${digits(trap.off)} us without, ${digits(trap.on)} us with the journal`,
        `bytes of a small call beside its values: ${digits(trap.bytes)}`,
        `${agents} interrupted agents of ${CALLS} calls each: all ended ${digits(seconds)} s after recover was called`,
      ],
      checks: [
        floored(atMost('a call with the journal, against one without', trap.ratio, [1.5, 'x']), 6),
        atMost('bytes of a small call', trap.bytes, [200, 'B']),
        atMost('recovery', seconds, [(10 * agents) / 10_000, 's']),
        aim('agents recovered', agents / seconds, [1_000, '/s']),
      ],
    },
  ]
}
