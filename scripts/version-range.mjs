// Reads the ranges of Node versions that packages name in `engines`, such as `^20.19.0 || >=22`.

const FOREVER = [Infinity, 0, 0]

const compare = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

function partsOf(version) {
  const [release] = version.split('-')
  const parts = release.split('.').filter((part) => part !== '' && !/^[x*]$/i.test(part))
  if (parts.some((part) => !/^\d+$/.test(part))) throw new Error(`cannot read the version "${version}"`)
  return parts.map(Number)
}

/** Turns one comparator, such as `^1.2` or `<3`, into the half-open interval of versions that it admits. */
function intervalOf(comparator) {
  const [, operator, version] = /^(\^|~|>=|<=|>|<|=)?v?(.*)$/.exec(comparator)
  const parts = partsOf(version)
  const from = [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0]
  const bump = (at) => from.map((part, i) => (i < at ? part : i === at ? part + 1 : 0))
  const past = parts.length === 0 ? FOREVER : bump(parts.length - 1)
  if (operator === '>=') return [from, FOREVER]
  if (operator === '>') return [past, FOREVER]
  if (operator === '<') return [[0, 0, 0], from]
  if (operator === '<=') return [[0, 0, 0], past]
  if (operator === '^') return [from, bump(0)]
  if (operator === '~') return [from, bump(Math.min(parts.length - 1, 1))]
  return [from, past]
}

/** Tells whether a version, as `[major, minor, patch]`, is inside a range. */
export function satisfies(version, range) {
  const admits = (comparator) => {
    const [from, to] = intervalOf(comparator)
    return compare(from, version) <= 0 && compare(version, to) < 0
  }
  return range.split('||').some((alternative) => {
    const [low, high] = alternative.split(' - ')
    const comparators = high === undefined ? alternative : `>=${low.trim()} <=${high.trim()}`
    return comparators
      .trim()
      .replace(/([<>=^~])\s+/g, '$1')
      .split(/[\s,]+/)
      .filter(Boolean)
      .every(admits)
  })
}
