/** How much of the gap between a weak and a strong model a router recovers, with paired bootstrap intervals. */
import { seededRandom } from '../../sampling/seeded-random.js'
import type { RoutedQuestion } from '../ground/routing-table.js'

/** Is a figure with the interval that 95 of 100 resamplings fall into. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

const RESAMPLINGS = 500

/** How often each question is drawn. */
type Draw = (at: number) => number

/**
 * Returns the area of the recovered gap over the share of strong calls: 0.5 for chance.
 *
 * @param order - questions, those first that are sent to the strong model first
 */
function recovered(questions: readonly RoutedQuestion[], order: readonly number[], drawn: Draw): number {
  let [count, gained, area] = [0, 0, 0]
  for (const at of order) {
    const times = drawn(at)
    if (times === 0) continue
    const { weak, strong } = questions[at]!
    const gain = times * (strong - weak)
    area += times * (gained + gain / 2)
    gained += gain
    count += times
  }
  return area / (count * gained)
}

/** Orders questions by a score, highest first. */
export function orderBy(scores: ArrayLike<number>): readonly number[] {
  return Array.from({ length: scores.length }, (_, at) => at).sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/** Measures the recovered gap of a router, and by how much it is above that of another, on the same questions. */
export function recoveredGap(
  questions: readonly RoutedQuestion[],
  scores: ArrayLike<number>,
  others: ArrayLike<number>,
): { readonly gap: Interval; readonly above: Interval } {
  const [own, other] = [orderBy(scores), orderBy(others)]
  const both = (drawn: Draw): readonly [number, number] => {
    const gap = recovered(questions, own, drawn)
    return [gap, gap - recovered(questions, other, drawn)]
  }
  const [gap, above] = both(() => 1)
  const draws = resampled(questions.length, both)
  return {
    gap: interval(
      gap,
      draws.map(([its]) => its),
    ),
    above: interval(
      above,
      draws.map(([, its]) => its),
    ),
  }
}

/** Measures a mean over questions. */
export function meanWithin(values: readonly number[]): Interval {
  const mean = (drawn: Draw): number => {
    let [sum, count] = [0, 0]
    values.forEach((value, at) => {
      sum += value * drawn(at)
      count += drawn(at)
    })
    return sum / count
  }
  return interval(
    mean(() => 1),
    resampled(values.length, mean),
  )
}

function resampled<T>(size: number, measure: (drawn: Draw) => T): readonly T[] {
  const random = seededRandom(5)
  return Array.from({ length: RESAMPLINGS }, () => {
    const counts = new Uint16Array(size)
    for (let draw = 0; draw < size; draw += 1) counts[Math.floor(random() * size)]! += 1
    return measure((at) => counts[at]!)
  })
}

function interval(value: number, draws: readonly number[]): Interval {
  const sorted = [...draws].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!
  return { value, low: at(0.025), high: at(0.975) }
}
