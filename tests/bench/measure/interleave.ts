import { collectGarbage } from './collect-garbage.js'
import { cpuMs } from './cpu-time.js'
import { nextTurn } from './next-turn.js'
import { summarise, type Summary } from './summary.js'

/** Is one side of a comparison. */
export interface Contender {
  readonly name: string
  /** Makes a small batch of calls, to their end, and returns how many they were. */
  batch(): Promise<number>
}

/** Is what the comparison found about one side: microseconds of processor time a call, and the ratio to the first side. */
export interface Standing {
  readonly name: string
  readonly microseconds: Summary
  readonly ratio: Summary
}

/** Says how long a comparison goes on. */
export interface Rounds {
  readonly warmup: number
  readonly rounds: number
}

/**
 * Measures contenders in turns, one small batch of each a round, so that whatever else the machine does hits all alike. A
 * ratio is taken within its round; the order turns every round, so that nobody always goes first. What counts is processor
 * time, the collector's threads included: the time for which other programs kept this one waiting is not its cost. The
 * event loop turns before each batch, so that collections which are due by then are not charged to the one that comes next.
 */
export async function interleave(
  contenders: readonly Contender[],
  { warmup, rounds }: Rounds,
): Promise<readonly Standing[]> {
  for (let round = 0; round < warmup; round += 1) for (const contender of contenders) await contender.batch()
  collectGarbage()
  const times = contenders.map(() => new Float64Array(rounds))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (turn + round) % contenders.length
      await nextTurn()
      const from = cpuMs()
      const calls = await (contenders[index] as Contender).batch()
      ;(times[index] as Float64Array)[round] = ((cpuMs() - from) * 1_000) / calls
    }
  }
  const first = times[0] as Float64Array
  return contenders.map(({ name }, index) => {
    const own = [...(times[index] as Float64Array)]
    return {
      name,
      microseconds: summarise(own),
      ratio: summarise(own.map((time, round) => time / (first[round] as number))),
    }
  })
}
