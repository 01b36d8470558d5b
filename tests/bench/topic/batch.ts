import { createKernel } from '@aios/kernel'
import { ASK, batchedCore, pass, singleCore } from '../ground/local-engine.js'
import { interleave, type Contender, type Standing } from '../measure/interleave.js'
import { atMost, standingLines, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const BURST = 320
const SIZE = 32

function burst(name: string, call: () => Promise<unknown>): Contender {
  return {
    name,
    async batch() {
      await Promise.all(Array.from({ length: BURST }, call))
      return BURST
    },
  }
}

/** Batches without anything else: what a program gets that cuts its own work into them. */
const byHand: Contender = {
  name: `batches of ${SIZE} by hand, without a kernel`,
  async batch() {
    for (let from = 0; from < BURST; from += SIZE) await Promise.resolve(pass(SIZE))
    return BURST
  },
}

/** Measures what batches are worth on a local engine, whose cost is mostly that of a pass. */
export async function batch(mode: Mode): Promise<readonly Section[]> {
  const single = await createKernel({ llm: singleCore() })
  const batched = await createKernel({ llm: batchedCore(SIZE) })
  const [singleSys, batchedSys] = [single.sys(), batched.sys()]
  const standings = await interleave(
    [
      burst('kernel, one call a pass', () => singleSys.llm.chat(ASK)),
      burst(`kernel, batches of up to ${SIZE}`, () => batchedSys.llm.chat(ASK)),
      byHand,
    ],
    mode === 'full' ? { warmup: 20, rounds: 200 } : { warmup: 10, rounds: 40 },
  )
  for (const kernel of [single, batched]) await kernel.close()
  const [, ours] = standings as [Standing, Standing]
  return [
    {
      title: `Bursts of ${BURST} chats on an engine that needs 100 us a pass and 2 us for each sequence in it`,
      lines: standingLines(standings),
      checks: [atMost('with batches against one call a pass', ours.ratio.median, [0.2, 'x'])],
    },
  ]
}
