import { RE2JS } from 're2js'
import { failureText } from '../../error/failure-text.js'
import { REGEX } from '../../limits.js'

/** Says how lines are tested. */
export interface LineQuery {
  readonly query: string
  readonly regex: boolean
  readonly ignoreCase: boolean
}

/** Tests lines against what was searched for. */
export interface LineMatcher {
  /** Most characters of a line that are tested. */
  readonly lineChars: number
  matches(line: string): boolean
}

/**
 * Makes a test for lines. Regular expressions run on RE2, whose time grows with the length of the line only: the
 * platform's own engine could be made to stand still for years by one pattern that a model, or a page it has read,
 * thought up.
 *
 * @throws TypeError if the expression cannot be parsed or is too complex
 */
export function lineMatcher({ query, regex, ignoreCase }: LineQuery): LineMatcher {
  if (!regex) {
    const wanted = ignoreCase ? query.toLowerCase() : query
    return { lineChars: Infinity, matches: (line) => (ignoreCase ? line.toLowerCase() : line).includes(wanted) }
  }
  const expression = compiled(query, ignoreCase)
  return { lineChars: REGEX.lineChars, matches: (line) => expression.test(line) }
}

function compiled(query: string, ignoreCase: boolean): RE2JS {
  let expression: RE2JS
  try {
    expression = RE2JS.compile(query, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (cause) {
    const syntax = 'expected a regular expression in the syntax of RE2, without look-around and back-references'
    throw new TypeError(`${syntax}: ${failureText(cause)}`, { cause })
  }
  if (expression.programSize() <= REGEX.steps) return expression
  throw new TypeError(
    `expected a regular expression of at most ${REGEX.steps} steps, got ${expression.programSize()}: repeat less`,
  )
}
