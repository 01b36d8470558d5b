import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createKernel, type Kernel, type Priority, type Sys, type SyscallOptions } from '@aios/kernel'
import PQueue from 'p-queue'
import { gatedMemory, type GatedMemory } from '../ground/gated-memory.js'
import { NOTE } from '../ground/no-op-devices.js'
import { seededRandom } from '../ground/seeded-random.js'
import { liveBytes } from '../measure/collect-garbage.js'
import { interleave, type Contender, type Standing } from '../measure/interleave.js'
import { atLeast, atMost, digits, standingLines, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const REQUEST = { id: 'n1' }
const SLOTS = 64
const AGENTS = 1_000
const MILLION = 1_000_000
const PRIORITIES = ([0, 1, 2, 3, 4, 5, 6, 7] satisfies Priority[]).map((priority): SyscallOptions => ({ priority }))

/** Is something in which calls wait: one can be added, and one that runs can be let go. */
interface Backlog {
  add(): void
  release(): void
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Keeps a backlog at its length: adds a call for every one that ends, so each costs an enqueue, a start and a settlement. */
function steady(name: string, backlog: Backlog, size: number): Contender {
  return {
    name,
    async batch() {
      for (let made = 0; made < size; made += SLOTS) {
        for (let slot = 0; slot < SLOTS; slot += 1) {
          backlog.add()
          backlog.release()
        }
        await turn()
      }
      return Math.ceil(size / SLOTS) * SLOTS
    },
  }
}

class KernelBacklog implements Backlog {
  readonly kernel: Kernel
  readonly memory: GatedMemory
  readonly #agents: readonly Sys[]
  readonly #random = seededRandom(1)

  constructor(kernel: Kernel, memory: GatedMemory) {
    this.kernel = kernel
    this.memory = memory
    this.#agents = Array.from({ length: AGENTS }, (_, index) => kernel.sys({ name: `agent-${index}` }))
  }

  static async make(): Promise<KernelBacklog> {
    const memory = gatedMemory(SLOTS)
    return new KernelBacklog(await createKernel({ memory: memory.driver }), memory)
  }

  add(): void {
    void (this.#agents[this.#random(AGENTS)] as Sys).memory.get(REQUEST, PRIORITIES[this.#random(8)])
  }

  release(): void {
    this.memory.release()
  }

  async fill(length: number): Promise<void> {
    for (let made = 0; made < length + SLOTS; made += 1) {
      this.add()
      if (made % 50_000 === 0) await turn()
    }
  }
}

class PQueueBacklog implements Backlog {
  readonly #queue = new PQueue({ concurrency: SLOTS, autoStart: false })
  readonly #gates: ((value: unknown) => void)[] = []
  readonly #random = seededRandom(1)
  readonly #task = (): Promise<unknown> => new Promise((resolve) => void this.#gates.push(resolve))

  add(priority = this.#random(8)): void {
    void this.#queue.add(this.#task, { priority })
  }

  release(): void {
    this.#gates.shift()?.(NOTE)
  }

  /** Fills in the order of priority: in any other a million additions would take most of an hour. */
  async fill(length: number): Promise<void> {
    for (let made = 0; made < length + SLOTS; made += 1) {
      this.add(7 - Math.floor((made * 8) / (length + SLOTS)))
      if (made % 50_000 === 0) await turn()
    }
    this.#queue.start()
  }
}

/** Measures how many milliseconds passed between turns of the event loop while `work` went on. */
async function loopDelay(work: () => Promise<void>): Promise<{ p50: number; p99: number; max: number; turns: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  const ms = (nanoseconds: number): number => nanoseconds / 1e6
  return { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max), turns: delay.count }
}

function drained(kernel: Kernel, left: number): Promise<void> {
  return kernel.ready('memory', { queued: left + 1 })
}

async function drain(backlog: KernelBacklog, how: 'value' | 'promise'): Promise<Section> {
  const delay = await loopDelay(async () => {
    backlog.memory.open(how)
    await drained(backlog.kernel, 0)
  })
  return {
    title: `Event loop while ${MILLION.toLocaleString('en-US')} queued calls drain into a device that answers with a ${how}`,
    lines: [`between turns p50 ${digits(delay.p50)} ms, p99 ${digits(delay.p99)} ms, max ${digits(delay.max)} ms over ${delay.turns} samples`],
    checks: [atMost(`event-loop delay p99, ${how}`, delay.p99, [15, 'ms'])],
  }
}

async function bytes(backlog: KernelBacklog): Promise<Section> {
  const before = liveBytes()
  await backlog.fill(MILLION)
  const each = (liveBytes() - before) / MILLION
  return {
    title: `Heap of ${MILLION.toLocaleString('en-US')} queued calls that share one request object`,
    lines: [`${digits(each)} bytes a queued call, its promise included`],
    checks: [atMost('bytes a queued call', each, [600, 'bytes'])],
  }
}

async function cost(short: KernelBacklog, long: KernelBacklog, mode: Mode): Promise<Section> {
  const standings = await interleave(
    [steady('kernel, 1,000 queued', short, 2_048), steady('kernel, 1,000,000 queued', long, 2_048)],
    mode === 'full' ? { warmup: 10, rounds: 100 } : { warmup: 5, rounds: 20 },
  )
  return {
    title: `Adding, starting and settling one call at a steady length; 8 random classes, ${AGENTS.toLocaleString('en-US')} agents, ${SLOTS} slots`,
    lines: standingLines(standings),
    checks: [atMost('1,000,000 queued against 1,000', (standings[1] as Standing).ratio.median, [10, 'x'])],
  }
}

async function againstPQueue(long: KernelBacklog, mode: Mode): Promise<Section> {
  const pQueue = new PQueueBacklog()
  await pQueue.fill(MILLION)
  const standings = await interleave(
    [steady('kernel, 1,000,000 queued', long, 2_048), steady('p-queue 9.3.5, 1,000,000 queued', pQueue, SLOTS)],
    { warmup: 1, rounds: mode === 'full' ? 40 : 5 },
  )
  const { ratio } = standings[1] as Standing
  return {
    title: 'The same at 1,000,000 queued against p-queue (capped: 64 calls a round, filled in order of priority)',
    lines: standingLines(standings),
    checks: [atLeast('p-queue against the kernel', ratio.median, [200, 'x'])],
  }
}

/** Measures what a long queue costs. */
export async function backlog(mode: Mode): Promise<readonly Section[]> {
  const t=()=>console.error((performance.now()/1e3).toFixed(1), process.memoryUsage().heapUsed/1e6|0)
  const long = await KernelBacklog.make()
  const size = await bytes(long)
  t()
  const short = await KernelBacklog.make()
  await short.fill(1_000)
  const sections = [await cost(short, long, mode)]
  t()
  sections.push(await againstPQueue(long, mode), size)
  t()
  sections.push(await drain(long, 'value'))
  t()
  const second = await KernelBacklog.make()
  await second.fill(MILLION)
  t()
  sections.push(await drain(second, 'promise'))
  t()
  return sections
}
