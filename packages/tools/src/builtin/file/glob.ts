/** Tells a matcher which items of a pattern stand for any number of others, and which fit one item. */
interface Rule<P, T> {
  isStar(item: P): boolean
  fits(item: P, other: T): boolean
}

/** Matches a list against a pattern with stars, going back to the last star only: at most as many steps as both multiplied. */
function matchesAll<P, T>(pattern: ArrayLike<P>, items: ArrayLike<T>, rule: Rule<P, T>): boolean {
  let [at, next, star, retry] = [0, 0, -1, 0]
  while (next < items.length) {
    if (at < pattern.length && rule.isStar(pattern[at] as P)) {
      star = at
      retry = next
      at += 1
    } else if (at < pattern.length && rule.fits(pattern[at] as P, items[next] as T)) {
      at += 1
      next += 1
    } else if (star >= 0) {
      retry += 1
      at = star + 1
      next = retry
    } else return false
  }
  while (at < pattern.length && rule.isStar(pattern[at] as P)) at += 1
  return at === pattern.length
}

const CHARACTERS: Rule<string, string> = {
  isStar: (item) => item === '*',
  fits: (item, other) => item === '?' || item === other,
}

const SEGMENTS: Rule<string, string> = {
  isStar: (item) => item === '**',
  fits: (item, other) => matchesAll(item, other, CHARACTERS),
}

/**
 * Tells whether a path matches a pattern: `*` stands for any characters but `/`, `?` for one of them, and `**` as a whole
 * segment for any number of directories. A pattern without `/` is matched against the last segment of the path.
 */
export function matchesGlob(path: string, glob: string): boolean {
  const segments = path.split('/')
  return matchesAll(glob.split('/'), glob.includes('/') ? segments : segments.slice(-1), SEGMENTS)
}
