import { frontierOf, type Frontier, type Weight } from './frontier.js'

/** Steps looked at after which the search ends with what it has: some ten milliseconds. */
const MOST_WORK = 4_000_000
/** What rounding may add to a sum of weights. */
const ROUNDING = 1e-9

/** Is one item of each class. */
export interface Filling<T> {
  readonly chosen: readonly T[]
  /** Whether they weigh no more than allowed. */
  readonly feasible: boolean
  readonly optimal: boolean
}

/** Is a step up of one class. */
interface Step {
  readonly at: number
  readonly value: number
  readonly weight: number
}

/** Is what is chosen of the first classes. */
interface Partial<T> {
  readonly chosen: readonly T[]
  readonly value: number
  /** Weight that is left for the others. */
  readonly left: number
}

/** Takes one item of each class, so that their value is greatest and their weight no more than allowed. */
export class Knapsack<T> {
  readonly #classes: readonly (readonly T[])[]
  readonly #measure: Weight<T>
  readonly #frontiers: readonly Frontier<T>[]
  /** Steps up of all classes, the best paying first; within a class that is their order. */
  readonly #steps: readonly Step[]
  /** Value and weight of the lightest items of the classes from each on. */
  readonly #base: readonly { readonly value: number; readonly weight: number }[]
  #best: readonly T[]
  #bestValue = Number.NEGATIVE_INFINITY
  #tries = 0
  readonly #mostTries: number

  constructor(classes: readonly (readonly T[])[], measure: Weight<T>) {
    this.#classes = classes
    this.#measure = measure
    this.#frontiers = classes.map((items) => frontierOf(items, measure))
    this.#steps = this.#frontiers
      .flatMap(({ upgrades }, at) => upgrades.map(({ value, weight }) => ({ at, value, weight })))
      .sort((a, b) => b.value / b.weight - a.value / a.weight || a.at - b.at)
    this.#best = this.#frontiers.map(({ base }) => base)
    const base = [{ value: 0, weight: 0 }]
    for (const each of [...this.#best].reverse()) {
      const after = base[0] as { value: number; weight: number }
      base.unshift({ value: after.value + measure.value(each), weight: after.weight + measure.weight(each) })
    }
    this.#base = base
    this.#mostTries = Math.ceil(MOST_WORK / (this.#steps.length + classes.length + 1))
  }

  /** Fills it up to a weight. */
  fill(most: number): Filling<T> {
    const left = most + ROUNDING
    if ((this.#base[0]?.weight ?? 0) > left) return { chosen: this.#best, feasible: false, optimal: true }
    this.#takeSteps(left)
    this.#search({ chosen: [], value: 0, left })
    return { chosen: this.#best, feasible: true, optimal: this.#tries < this.#mostTries }
  }

  /** Begins with what the best paying steps give that fit: it is off the best by no more than one step. */
  #takeSteps(most: number): void {
    let left = most - (this.#base[0]?.weight ?? 0)
    const levels = this.#frontiers.map(() => 0)
    const blocked = new Set<number>()
    for (const { at, weight } of this.#steps) {
      if (blocked.has(at)) continue
      if (weight > left) {
        blocked.add(at)
        continue
      }
      left -= weight
      levels[at] = (levels[at] as number) + 1
    }
    this.#best = this.#frontiers.map(({ base, upgrades }, at) => upgrades[(levels[at] as number) - 1]?.to ?? base)
    this.#bestValue = this.#best.reduce((sum, item) => sum + this.#measure.value(item), 0)
  }

  #search({ chosen, value, left }: Partial<T>): void {
    const at = chosen.length
    const items = this.#classes[at]
    if (items === undefined) {
      if (value <= this.#bestValue) return
      this.#best = chosen
      this.#bestValue = value
      return
    }
    const after = this.#base[at + 1] as { weight: number }
    const sorted = [...items].sort((a, b) => this.#measure.value(b) - this.#measure.value(a))
    for (const item of sorted) {
      if (this.#tries >= this.#mostTries) return
      this.#tries += 1
      const next = {
        chosen: [...chosen, item],
        value: value + this.#measure.value(item),
        left: left - this.#measure.weight(item),
      }
      if (next.left < after.weight || next.value + this.#mostOf(at + 1, next.left) <= this.#bestValue + ROUNDING)
        continue
      this.#search(next)
    }
  }

  /** Bounds the value of the classes from one on: as if a step could be taken in part. */
  #mostOf(from: number, most: number): number {
    const base = this.#base[from] as { value: number; weight: number }
    let [value, left] = [base.value, most - base.weight]
    for (const step of this.#steps) {
      if (step.at < from) continue
      if (step.weight > left) return value + (step.value * left) / step.weight
      value += step.value
      left -= step.weight
    }
    return value
  }
}
