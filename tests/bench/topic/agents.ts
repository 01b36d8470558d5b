import { createKernel, type Agent, type Kernel, type Sys } from '@aios/kernel'
import PQueue from 'p-queue'
import { NOTE, promiseCore, promiseMemory } from '../ground/no-op-devices.js'
import { ORIGINAL } from '../ground/original-figures.js'
import { liveBytes } from '../measure/collect-garbage.js'
import { interleave, type Contender, type Standing } from '../measure/interleave.js'
import { aim, atMost, digits, standingLines, type Check, type Section } from '../measure/report.js'
import { quantile } from '../../sampling/quantile.js'
import { slope } from '../measure/summary.js'
import { watchResources } from '../measure/watch-resources.js'
import type { Mode } from './mode.js'

const SLOTS = 16
const CHAT = { messages: [{ role: 'user', content: 'Is it done?' }] } as const
const whole = (count: number): string => count.toLocaleString('en-US')

/** Says how many agents make how many calls each, one after the other, in one batch. */
interface Crowd {
  readonly agents: number
  readonly calls: number
}

/** Keeps how long calls took, in microseconds: every one, or an even share of them if they are many. */
class Latencies {
  readonly #every: number
  readonly #samples: number[] = []
  #seen = 0

  constructor(every: number) {
    this.#every = every
  }

  add(microseconds: number): void {
    this.#seen += 1
    if (this.#seen % this.#every === 0) this.#samples.push(microseconds)
  }

  text(): string {
    const sorted = Float64Array.from(this.#samples).sort()
    return `p50 ${digits(quantile(sorted, 0.5))} us, p99 ${digits(quantile(sorted, 0.99))} us`
  }

  get p50(): number {
    return quantile(Float64Array.from(this.#samples).sort(), 0.5)
  }
}

/** Calls again and again, each time after the last answer, and notes how long each took. */
async function loop(calls: number, latencies: Latencies, call: () => Promise<unknown>): Promise<void> {
  for (let made = 0; made < calls; made += 1) {
    const from = performance.now()
    await call()
    latencies.add((performance.now() - from) * 1_000)
  }
}

/** Agents as processes of a kernel; a batch spawns them, lets them run, and sees them exit. */
function kernelCrowd({ agents, calls }: Crowd, kernel: Kernel, latencies: Latencies): Contender {
  const agent: Agent<undefined, void> = (sys) => loop(calls, latencies, () => sys.llm.chat(CHAT))
  return {
    name: 'kernel, llm.chat',
    async batch() {
      const running: Promise<void>[] = []
      for (let index = 0; index < agents; index += 1) running.push(kernel.run(agent, undefined))
      await Promise.all(running)
      return agents * calls
    },
  }
}

/** Agents as bare async functions that make their calls through `call`. */
function looseCrowd(name: string, { agents, calls }: Crowd, call: () => Promise<unknown>): Contender {
  const latencies = new Latencies(Number.MAX_SAFE_INTEGER)
  return {
    name,
    async batch() {
      const running: Promise<void>[] = []
      for (let index = 0; index < agents; index += 1) running.push(loop(calls, latencies, call))
      await Promise.all(running)
      return agents * calls
    },
  }
}

async function crowd(size: Crowd, mode: Mode): Promise<Section> {
  const kernel = await createKernel({ llm: promiseCore(SLOTS) })
  const pQueue = new PQueue({ concurrency: SLOTS })
  const bare = async (): Promise<unknown> => NOTE
  const latencies = new Latencies(size.agents > 1_000 ? 16 : 1)
  const rounds = Math.max(
    mode === 'full' ? 3 : 1,
    Math.round((mode === 'full' ? 3_000_000 : 250_000) / (size.agents * size.calls)),
  )
  const standings = await interleave(
    [
      looseCrowd('bare async call', size, bare),
      kernelCrowd(size, kernel, latencies),
      looseCrowd('p-queue 9.3.5', size, () => pQueue.add(bare)),
    ],
    { warmup: size.agents > 10_000 ? 0 : Math.ceil(rounds / 5), rounds },
  )
  await kernel.close()
  const { median } = (standings[1] as Standing).microseconds
  return {
    title: `${whole(size.agents)} agents, each ${whole(size.calls)} calls in sequence, ${SLOTS} slots; spawn and exit included`,
    lines: [
      ...standingLines(standings),
      `kernel: ${whole(Math.round(1e6 / median))} calls a second of processor time; by the clock a call took ${latencies.text()}, waiting for its turn included`,
    ],
    checks: checksOf(size, { callsPerSecond: 1e6 / median, p50: latencies.p50 }),
  }
}

function checksOf(
  { agents }: Crowd,
  { callsPerSecond, p50 }: { callsPerSecond: number; p50: number },
): readonly Check[] {
  if (agents === 1) {
    return [
      atMost('added latency p50, one agent in a closed loop', p50, [5, 'us']),
      aim(
        `shorter than the ${whole(ORIGINAL.oneAgentMs)} ms of the original (another run)`,
        (ORIGINAL.oneAgentMs * 1_000) / p50,
        [1_000, 'x'],
      ),
    ]
  }
  if (agents !== 2_000) return []
  return [
    aim(
      `calls a second of processor time against the ${ORIGINAL.callsPerSecond2000} of the original (another run)`,
      callsPerSecond / ORIGINAL.callsPerSecond2000,
      [500, 'x'],
    ),
  ]
}

/** Looks for anything that a call makes besides itself. */
async function nothingElse(): Promise<Section> {
  const calls = 50_000
  const kernel = await createKernel({ llm: promiseCore(SLOTS) })
  const agent: Agent<undefined, void> = async (sys) => {
    for (let each = 0; each < calls / 250; each += 1) await sys.llm.chat(CHAT)
  }
  const made = await watchResources(async () => {
    await Promise.all(Array.from({ length: 250 }, () => kernel.run(agent, undefined)))
  })
  await kernel.close()
  const none = (what: string, count: number): Check => ({
    what,
    value: count,
    unit: `in ${whole(calls)} calls`,
    better: 'less',
    target: 0,
    floor: 0,
  })
  return {
    title: `What ${whole(calls)} calls of 250 agents make besides themselves`,
    lines: [
      `${made.timers} timers, ${made.abortControllers} abort controllers, ${made.threads} threads, ${made.immediates} immediates`,
    ],
    checks: [
      none('timers', made.timers),
      none('abort controllers', made.abortControllers),
      none('threads', made.threads),
    ],
  }
}

/** Settles calls by the million and watches what stays. */
async function flatHeap(mode: Mode): Promise<Section> {
  const calls = mode === 'full' ? 10_000_000 : 1_000_000
  const kernel = await createKernel({ memory: promiseMemory(SLOTS) })
  const agents = Array.from({ length: 64 }, (_, index) => kernel.sys({ name: `agent-${index}` }))
  const latencies = new Latencies(Number.MAX_SAFE_INTEGER)
  const some = (count: number): Promise<unknown> =>
    Promise.all(agents.map((sys: Sys) => loop(count / agents.length, latencies, () => sys.memory.get({ id: 'n1' }))))
  await some(64_000)
  const points = [{ x: 0, y: liveBytes() }]
  for (let step = 1; step <= 10; step += 1) {
    await some(calls / 10)
    points.push({ x: (step * calls) / 10, y: liveBytes() })
  }
  await kernel.close()
  return {
    title: `Heap over ${whole(calls)} settled calls, after collection`,
    lines: [`${points.map(({ y }) => digits(y / 2 ** 20)).join(' ')} MiB`],
    checks: [{ ...atMost('growth of the heap', slope(points), [mode === 'full' ? 0.1 : 0.5, 'bytes a call']) }],
  }
}

/** Measures agents that call in a loop. */
export async function agents(mode: Mode): Promise<readonly Section[]> {
  const sections: Section[] = []
  for (const [count, calls] of [
    [1, 2_000],
    [16, 500],
    [250, 100],
    [2_000, 50],
    [100_000, 3],
  ] as const) {
    sections.push(await crowd({ agents: count, calls }, mode))
  }
  return [...sections, await nothingElse(), await flatHeap(mode)]
}
