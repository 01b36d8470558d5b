import { SUGGESTIONS } from '../limits.js'

/** Longest part of a name that is compared; full names of tools are no longer. */
const COMPARED = 129

/** Counts the single-character edits between two texts (Levenshtein 1966, with one row of the table at a time). */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}

/**
 * Returns the full names that are most like a given one, best first: compared as a whole or by what follows the `/`,
 * without regard to case. A name is left out if it does not contain the given one and more than half of it would have to
 * change.
 *
 * @param given - the name that does not exist
 * @param names - full names
 */
export function nearestNames(given: string, names: readonly string[]): readonly string[] {
  const wanted = given.slice(0, COMPARED).toLowerCase()
  const rated = names.map((name) => {
    const full = name.toLowerCase()
    const bare = full.slice(full.indexOf('/') + 1)
    const distance = Math.min(editDistance(wanted, full), editDistance(wanted, bare))
    return { name, distance, isNear: full.includes(wanted) || distance <= Math.max(wanted.length, bare.length) / 2 }
  })
  return rated
    .filter(({ isNear }) => isNear)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, SUGGESTIONS)
    .map(({ name }) => name)
}
