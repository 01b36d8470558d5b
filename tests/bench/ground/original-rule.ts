/** The rule of AIOS's `SmartRouting`, and the plain neighbours behind it, over TF-IDF of words. */
import type { RoutedQuestion } from './routing-table.js'

/** Is what the nearest questions say. */
export interface Neighbours {
  readonly weak: number
  readonly strong: number
}

type Vector = ReadonlyMap<string, number>

/** Returns, for a question, the mean correctness over its nearest questions of the past, for each number of neighbours. */
export function plainNeighbours(
  past: readonly RoutedQuestion[],
  counts: readonly number[],
): (text: string) => readonly Neighbours[] {
  const frequency = new Map<string, number>()
  const texts = past.map(({ text }) => termsOf(text))
  for (const terms of texts) for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1)
  const weighed = (terms: Vector): Vector => {
    const weights = new Map<string, number>()
    let square = 0
    for (const [term, count] of terms) {
      const weight = (1 + Math.log(count)) * Math.log((past.length + 1) / ((frequency.get(term) ?? 0) + 1))
      weights.set(term, weight)
      square += weight * weight
    }
    const length = Math.sqrt(square) || 1
    return new Map([...weights].map(([term, weight]) => [term, weight / length]))
  }
  const postings = new Map<string, [number, number][]>()
  texts.forEach((terms, at) => {
    for (const [term, weight] of weighed(terms)) {
      const list = postings.get(term) ?? []
      list.push([at, weight])
      postings.set(term, list)
    }
  })
  return (text) => {
    const near = new Float64Array(past.length)
    for (const [term, weight] of weighed(termsOf(text)))
      for (const [at, other] of postings.get(term) ?? []) near[at]! += weight * other
    const least = Float64Array.from(near).sort()[Math.max(0, past.length - Math.max(...counts))]!
    const order: number[] = []
    for (const [at, similarity] of near.entries()) if (similarity > 0 && similarity >= least) order.push(at)
    order.sort((a, b) => near[b]! - near[a]! || a - b)
    return counts.map((count) => meanOf(order.slice(0, count).map((at) => past[at]!)))
  }
}

/** Tells whether the original would ask the strong model: the cheapest whose neighbours were right in 70 %, else the better. */
export function asksStrong({ weak, strong }: Neighbours): boolean {
  return weak < 0.7 && (strong >= 0.7 || strong > weak)
}

function termsOf(text: string): Vector {
  const terms = new Map<string, number>()
  for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) terms.set(word, (terms.get(word) ?? 0) + 1)
  return terms
}

function meanOf(questions: readonly RoutedQuestion[]): Neighbours {
  const mean = (of: (question: RoutedQuestion) => number): number =>
    questions.reduce((sum, question) => sum + of(question), 0) / Math.max(1, questions.length)
  return { weak: mean(({ weak }) => weak), strong: mean(({ strong }) => strong) }
}
