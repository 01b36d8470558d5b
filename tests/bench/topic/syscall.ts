import { createKernel, type Kernel, type Sys } from '@aios/kernel'
import PQueue from 'p-queue'
import { NOTE, promiseMemory, valueMemory } from '../ground/no-op-devices.js'
import { burst } from '../measure/burst.js'
import { interleave, type Standing } from '../measure/interleave.js'
import { atMost, standingLines, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'
import { fairness } from './fairness.js'

const REQUEST = { id: 'n1' }
const CONCURRENCY = 16

const bareCall = async (_request: typeof REQUEST): Promise<unknown> => NOTE

/** A first-in-first-out queue with slots and nothing else: what any scheduler of promises costs at least. */
function fifoFloor(concurrency: number): (task: () => Promise<unknown>) => Promise<unknown> {
  const waiting: (() => void)[] = []
  let head = 0
  let running = 0
  const next = (): void => {
    running -= 1
    const start = waiting[head]
    if (start === undefined) return
    head += 1
    if (head === waiting.length) {
      waiting.length = 0
      head = 0
    }
    start()
  }
  return (task) =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        running += 1
        task().then(
          (value) => {
            resolve(value)
            next()
          },
          (error: Error) => {
            reject(error)
            next()
          },
        )
      }
      if (running < concurrency) start()
      else waiting.push(start)
    })
}

/** A process with a budget and grants, in a kernel whose settlements somebody listens to. */
async function guarded(): Promise<{ kernel: Kernel; sys: Sys; heard: () => number }> {
  const kernel = await createKernel({ memory: valueMemory(CONCURRENCY) })
  let heard = 0
  kernel.on('syscall:settled', () => {
    heard += 1
  })
  const sys = kernel.sys({
    name: 'bench',
    budget: { calls: Number.MAX_SAFE_INTEGER },
    grants: { memory: ['bench', 'team-*'], tools: [], models: [] },
  })
  return { kernel, sys, heard: () => heard }
}

/** The trap against a bare call, on a device that answers with a value. */
async function againstBare(mode: Mode): Promise<Section> {
  const full = await guarded()
  const plain = await createKernel({ memory: valueMemory(CONCURRENCY) })
  const queued = await createKernel({ memory: promiseMemory(CONCURRENCY) })
  const [plainSys, queuedSys] = [plain.sys(), queued.sys()]
  const standings = await interleave(
    [
      burst('bare async call', 1_000, () => bareCall(REQUEST)),
      burst('accounting alone', 1_000, () => plainSys.memory.get(REQUEST)),
      burst('validation, grants, budget, record, listener', 1_000, () => full.sys.memory.get(REQUEST)),
      burst(`accounting alone, device answers with a promise, ${CONCURRENCY} slots`, 1_000, () =>
        queuedSys.memory.get(REQUEST),
      ),
    ],
    mode === 'full' ? { warmup: 200, rounds: 2_000 } : { warmup: 100, rounds: 400 },
  )
  if (full.heard() === 0) throw new Error('Expected the listener to hear of every call, it heard nothing.')
  for (const kernel of [full.kernel, plain, queued]) await kernel.close()
  const [, accounting, all] = standings as [Standing, Standing, Standing]
  return {
    title:
      'A call against a bare async call, in bursts of 1,000 (memory.get; the first two devices answer with a value)',
    lines: standingLines(standings),
    checks: [
      atMost('accounting alone against a bare async call', accounting.ratio.median, [10, 'x']),
      atMost('validation, grants, budget, record and a listener against a bare async call', all.ratio.median, [
        15,
        'x',
      ]),
    ],
  }
}

/** The whole kernel against p-queue with as many slots, over a device that answers with a promise. */
async function againstPQueue(size: number, rounds: { warmup: number; rounds: number }): Promise<Section> {
  const kernel = await createKernel({ memory: promiseMemory(CONCURRENCY) })
  const sys = kernel.sys()
  const pQueue = new PQueue({ concurrency: CONCURRENCY })
  const floor = fifoFloor(CONCURRENCY)
  const standings = await interleave(
    [
      burst('p-queue 9.3.5', size, () => pQueue.add(() => bareCall(REQUEST))),
      burst('kernel', size, () => sys.memory.get(REQUEST)),
      burst('queue without priorities, fairness or accounting', size, () => floor(() => bareCall(REQUEST))),
    ],
    rounds,
  )
  await kernel.close()
  return {
    title: `Bursts of ${size.toLocaleString('en-US')} against p-queue, ${CONCURRENCY} slots, the device answers with a promise`,
    lines: standingLines(standings),
    checks: [{ ...atMost('kernel against p-queue', (standings[1] as Standing).ratio.median, [1, 'x']), floor: 1.5 }],
  }
}

/** Measures what one call costs. */
export async function syscall(mode: Mode): Promise<readonly Section[]> {
  const share = mode === 'full' ? 5 : 1
  return [
    await againstBare(mode),
    await fairness(mode),
    await againstPQueue(10, { warmup: 1_000, rounds: 1_000 * share }),
    await againstPQueue(1_000, { warmup: 50, rounds: 100 * share }),
    await againstPQueue(100_000, { warmup: 1, rounds: 3 * share }),
  ]
}
