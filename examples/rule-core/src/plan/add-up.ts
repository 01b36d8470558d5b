import { outputOf } from './plan.js'
import type { Plan } from './plan.js'

/** Characters of one expression; the calculator takes somewhat more. */
const EXPRESSION = 900

/** Adds numbers with the calculator: in parallel portions, then the portions' sums, until one number is left. */
export function* addUp(values: readonly string[]): Plan<string> {
  let terms = values.length === 0 ? ['0'] : values
  do {
    const answers = yield portionsOf(terms).map((portion) => ({
      tool: 'calculator',
      input: { expression: `sum(${portion.join(', ')})` },
    }))
    terms = answers.map((answer) => outputOf<{ result: string }>(answer).result)
  } while (terms.length > 1)
  return padded(terms[0]!, values)
}

function portionsOf(terms: readonly string[]): readonly (readonly string[])[] {
  const portions: string[][] = [[]]
  let size = 0
  for (const term of terms) {
    if (size + term.length + 2 > EXPRESSION) {
      portions.push([])
      size = 0
    }
    portions.at(-1)!.push(term)
    size += term.length + 2
  }
  return portions
}

/** Writes a sum with as many decimals as the number that has most of them: amounts of money stay amounts of money. */
function padded(sum: string, values: readonly string[]): string {
  const decimals = (text: string) => (/e/i.test(text) ? 0 : (text.split('.')[1]?.length ?? 0))
  const most = values.reduce((longest, value) => Math.max(longest, decimals(value)), 0)
  const missing = most - decimals(sum)
  if (missing <= 0 || sum.includes('/')) return sum
  return `${sum}${sum.includes('.') ? '' : '.'}${'0'.repeat(missing)}`
}
