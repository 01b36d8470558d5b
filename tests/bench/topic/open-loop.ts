import { createKernel } from '@aios/kernel'
import { setTimeout as sleep } from 'node:timers/promises'
import { NOTE, memoryOf } from '../ground/no-op-devices.js'
import { atLeast, atMost, digits, type Section } from '../measure/report.js'
import { quantile } from '../../sampling/quantile.js'
import type { Mode } from './mode.js'

const EVERY_MS = 50
const SERVICE_MS = 20
const REQUEST = { id: 'n1' }

/** Is what one side of the comparison saw of its calls, in milliseconds beyond what the device took. */
interface Seen {
  readonly served: number
  readonly p50: number
  readonly p99: number
}

/** Times one call: how long it took beyond the time that the device itself was busy with it. */
async function added(call: () => Promise<unknown>, busy: { ms: number }): Promise<number> {
  const from = performance.now()
  await call()
  return performance.now() - from - busy.ms
}

function seen(times: readonly number[]): Seen {
  const sorted = Float64Array.from(times).sort()
  return { served: times.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

/**
 * Asks a device of one slot every 50 ms whether or not the last answer is there, as callers do who know nothing of each
 * other. Real time. Every second call takes its turn in a chain of promises instead, so that both sides have the same machine.
 */
export async function openLoop(mode: Mode): Promise<readonly Section[]> {
  const calls = mode === 'full' ? 200 : 40
  const busy = { ms: 0 }
  const serve = async (): Promise<typeof NOTE> => {
    const from = performance.now()
    await sleep(SERVICE_MS)
    busy.ms = performance.now() - from
    return NOTE
  }
  // The other side has one slot too, and nothing else: who comes while it is taken waits for those before.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (): Promise<unknown> => (last = last.then(serve))
  const kernel = await createKernel({ memory: memoryOf(serve, 1) })
  const sys = kernel.sys()
  const [kernels, bare]: [number[], number[]] = [[], []]
  const running: Promise<unknown>[] = []
  const start = performance.now()
  for (let index = 0; index < calls * 2; index += 1) {
    // Half a step apart: at 20 ms each, the two sides never run at once unless the machine itself falls behind.
    await sleep(Math.max(0, start + (index * EVERY_MS) / 2 - performance.now()))
    const [times, call]: readonly [number[], () => Promise<unknown>] =
      index % 2 === 0 ? [kernels, () => sys.memory.get(REQUEST)] : [bare, inTurn]
    running.push(added(call, busy).then((ms) => times.push(ms)))
  }
  await Promise.allSettled(running)
  await kernel.close()
  const [ours, direct] = [seen(kernels), seen(bare)]
  return [
    {
      title: `Open loop in real time: a call every ${EVERY_MS} ms to a device of 1 slot that takes ${SERVICE_MS} ms, and the same through a chain of promises`,
      lines: [
        `kernel: ${ours.served} of ${calls} served, added p50 ${digits(ours.p50)} ms, p99 ${digits(ours.p99)} ms`,
        `chain of promises: ${direct.served} of ${calls} served, added p50 ${digits(direct.p50)} ms, p99 ${digits(direct.p99)} ms`,
      ],
      checks: [
        { ...atLeast('calls served', ours.served, [calls, `of ${calls}`]), floor: calls },
        atMost('added p99', ours.p99, [5, 'ms']),
      ],
    },
  ]
}
