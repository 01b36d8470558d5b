/** Returns numbers from 0 up to 1, the same ones for the same seeds. */
export type Random = () => number

const STEP = 0x6d2b79f5
const FNV = { offset: 0x811c9dc5, prime: 0x01000193 } as const

function hashed(text: string): number {
  let hash: number = FNV.offset
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV.prime)
  return hash >>> 0
}

/**
 * Makes a source of chance for tests. What it gives depends on nothing but its seeds, so that calls which overtake each other
 * do not change each other's luck.
 */
export function seededRandom(...seeds: readonly (number | string)[]): Random {
  let state = hashed(JSON.stringify(seeds))
  // Mulberry32, a public-domain generator with 32 bits of state.
  return () => {
    state = (state + STEP) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Picks a whole number from `min` to `max`, both included. */
export function wholeBetween(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1))
}

/** Picks an item of a list that has one. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!
}
