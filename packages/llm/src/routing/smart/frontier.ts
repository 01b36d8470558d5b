import type { JudgedEstimate } from './estimate.js'

/** Is a step from one core to a better and dearer one. */
export interface Upgrade<T> {
  readonly to: T
  /** Gain of value, and of weight, from the one before; both above 0. */
  readonly value: number
  readonly weight: number
}

/** Is a set of choices as a whole: the lightest, and the steps up from it that pay, the best paying first. */
export interface Frontier<T> {
  readonly base: T
  readonly upgrades: readonly Upgrade<T>[]
}

/** Says what an item is worth and what it takes up. */
export interface Weight<T> {
  value(item: T): number
  weight(item: T): number
}

/** Finds the choices that are worth considering: the upper hull of value over weight. */
export function frontierOf<T>(items: readonly T[], { value, weight }: Weight<T>): Frontier<T> {
  const sorted = [...items].sort((a, b) => weight(a) - weight(b) || value(b) - value(a))
  const hull: T[] = []
  const slope = (from: T, to: T): number => (value(to) - value(from)) / (weight(to) - weight(from))
  for (const item of sorted) {
    const last = hull.at(-1)
    if (last !== undefined && (value(item) <= value(last) || weight(item) === weight(last))) continue
    while (hull.length >= 2 && slope(hull.at(-2) as T, hull.at(-1) as T) <= slope(hull.at(-1) as T, item)) hull.pop()
    hull.push(item)
  }
  const upgrades = hull.slice(1).map((to, at) => {
    const from = hull[at] as T
    return { to, value: value(to) - value(from), weight: weight(to) - weight(from) }
  })
  return { base: hull[0] as T, upgrades }
}

/** Weighs estimates by quality and cost. */
export const QUALITY_FOR_USD: Weight<JudgedEstimate> = {
  value: ({ quality }) => quality,
  weight: ({ usd = 0 }) => usd,
}
