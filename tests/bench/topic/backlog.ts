import { KernelBacklog } from '../ground/kernel-backlog.js'
import { PQueueBacklog } from '../ground/p-queue-backlog.js'
import { steady } from '../ground/steady-backlog.js'
import { liveBytes } from '../measure/collect-garbage.js'
import { interleave, type Standing } from '../measure/interleave.js'
import { loopDelay } from '../measure/loop-delay.js'
import { atLeast, atMost, digits, floored, standingLines, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const SLOTS = 64
const MILLION = 1_000_000
const whole = (count: number): string => count.toLocaleString('en-US')

async function bytes(backlog: KernelBacklog): Promise<Section> {
  const before = liveBytes()
  await backlog.fill(MILLION)
  const each = (liveBytes() - before) / MILLION
  return {
    title: `Heap of ${whole(MILLION)} queued calls that share one request`,
    lines: [`${digits(each)} bytes a queued call, with its promise and its async context`],
    checks: [atMost('bytes a queued call', each, [600, 'bytes'])],
  }
}

async function cost(long: KernelBacklog, mode: Mode): Promise<Section> {
  const short = await KernelBacklog.make(SLOTS)
  await short.fill(1_000)
  const size = mode === 'full' ? 16_384 : 8_192
  const standings = await interleave(
    [steady('kernel, 1,000 queued', short, size), steady('kernel, 1,000,000 queued', long, size)],
    mode === 'full' ? { warmup: 4, rounds: 60 } : { warmup: 2, rounds: 8 },
  )
  await short.close()
  return {
    title: `Adding, starting and settling a call at a steady length; 8 random classes, 1,000 agents, ${SLOTS} slots`,
    lines: standingLines(standings),
    checks: [atMost('1,000,000 queued against 1,000', (standings[1] as Standing).ratio.median, [10, 'x'])],
  }
}

async function againstPQueue(long: KernelBacklog, mode: Mode): Promise<Section> {
  const pQueue = new PQueueBacklog(SLOTS)
  await pQueue.fill(MILLION)
  const standings = await interleave(
    [steady('kernel, 1,000,000 queued', long, 16_384), steady('p-queue 9.3.5, 1,000,000 queued', pQueue, SLOTS)],
    { warmup: 1, rounds: mode === 'full' ? 40 : 10 },
  )
  const { ratio } = standings[1] as Standing
  return {
    title: `The same against p-queue (capped: ${SLOTS} of its calls a round, and filled in order of priority)`,
    lines: standingLines(standings),
    checks: [floored(atLeast('p-queue against the kernel', ratio.median, [200, 'x']), 25)],
  }
}

async function drain(backlog: KernelBacklog, how: 'value' | 'promise', until: number): Promise<Section> {
  const queued = backlog.length
  const delay = await loopDelay(() => backlog.drain(how, until))
  return {
    title: `Event loop while ${whole(queued)} queued calls drain to ${whole(until)}, the device answers with a ${how}`,
    lines: [
      `p99 between turns ${digits(delay.wallP99)} ms by the clock, ${digits(delay.cpuP99)} ms of processor time over ${whole(delay.turns)} turns; each is an upper bound, so the smaller counts`,
    ],
    checks: [floored(atMost(`event-loop delay p99, ${how}`, Math.min(delay.wallP99, delay.cpuP99), [15, 'ms']), 30)],
  }
}

/** Measures what a long queue costs. */
export async function backlog(mode: Mode): Promise<readonly Section[]> {
  const long = await KernelBacklog.make(SLOTS)
  const heap = await bytes(long)
  const steadyCost = await cost(long, mode)
  const against = await againstPQueue(long, mode)
  const drains: Section[] = []
  if (mode === 'full') {
    drains.push(await drain(long, 'value', 0))
    long.shut()
    await long.fill(MILLION)
    drains.push(await drain(long, 'promise', 0))
  } else {
    drains.push(await drain(long, 'value', MILLION / 2), await drain(long, 'promise', 0))
  }
  await long.close()
  return [steadyCost, against, heap, ...drains]
}
