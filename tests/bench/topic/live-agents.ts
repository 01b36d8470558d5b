import { createKernel, hybrid, type Agent } from '@aios/kernel'
import { memoryOf } from '../ground/no-op-devices.js'
import { liveBytes } from '../measure/collect-garbage.js'
import { nextTurn } from '../measure/next-turn.js'
import { atMost, digits, type Section } from '../measure/report.js'
import { watchResources } from '../measure/watch-resources.js'
import type { Mode } from './mode.js'

const MILLION = 1_000_000
const SLOTS = 64
const REQUEST = { id: 'n1' }
const GIGABYTE = 1e9
const whole = (count: number): string => count.toLocaleString('en-US')

const asks: Agent<undefined, unknown> = (sys) => sys.memory.get(REQUEST)
const sleeps: Agent<undefined, unknown> = () => new Promise(() => undefined)

/**
 * Spawns so many agents in a kernel whose device never answers; returns the bytes of live heap that each takes. The kernel
 * is left as it is: ending a million agents one by one is not what is measured, and the process ends with its topic.
 */
async function bytesOf(count: number, agent: Agent<undefined, unknown>, policy?: 'hybrid'): Promise<number> {
  const never = memoryOf(() => new Promise(() => undefined), SLOTS)
  const kernel = await createKernel({
    memory: never,
    ...(policy === undefined ? {} : { policies: { memory: hybrid() } }),
  })
  const before = liveBytes()
  for (let made = 0; made < count; made += 1) {
    kernel.spawn(agent, undefined)
    if (made % 10_000 === 0) await nextTurn()
  }
  await nextTurn()
  const each = (liveBytes() - before) / count
  const queued = kernel.stats().lanes[0]?.queued ?? 0
  if (agent === asks && queued !== count - SLOTS)
    throw new Error(`Expected ${count - SLOTS} calls to wait, got ${queued}.`)
  return each
}

/** Measures what living agents hold, each with a call that waits. */
export async function liveAgents(mode: Mode): Promise<readonly Section[]> {
  const count = mode === 'full' ? MILLION : MILLION / 10
  const sleeping = await bytesOf(MILLION / 10, sleeps)
  const underHybrid = await bytesOf(MILLION / 10, asks, 'hybrid')
  let each = 0
  let rss = 0
  const made = await watchResources(async () => {
    each = await bytesOf(count, asks)
    rss = process.memoryUsage().rss
  })
  return [
    {
      title: `${whole(count)} living agents, each a process with a call of memory.get that waits; handles dropped, device never answers`,
      lines: [
        `${digits(each)} bytes of live heap an agent, ${digits((each * count) / GIGABYTE)} GB in all; ${digits(rss / GIGABYTE)} GB resident in the whole process, the other two rows included`,
        `an agent that makes no call: ${digits(sleeping)} bytes; one whose call waits in a lane with hybrid: ${digits(underHybrid)} (100,000 of each)`,
        `${made.threads} threads, ${made.timers} timers, ${made.abortControllers} abort controllers were made`,
      ],
      checks: [
        atMost('bytes an agent with its call', each, [GIGABYTE / MILLION, 'bytes']),
        { ...atMost('threads', made.threads, [0, 'made']) },
      ],
    },
  ]
}
