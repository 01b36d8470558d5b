import { compilePatterns } from '../grammar/pattern.js'
import type { Token } from '../grammar/question.js'
import type { Intent } from './intent.js'

type DateQuestion = (Intent & { readonly kind: 'date' })['what']

const NOW = '(it|today|now|right now|it today|it now|it right now|today is|it currently)'
const WHAT = '(what|which)'
const wordings: readonly (readonly [DateQuestion, readonly string[]])[] = [
  [
    'day',
    [
      `${WHAT} (day|weekday|day of the week) (is)? ${NOW}`,
      `${WHAT} (day|weekday|day of the week) it is (today|now)?`,
      '(what is)? (the)? (current)? (weekday|day|day of the week) (today|now)?',
      'what is today',
      'today',
      'what day of the week (do we have|have we) (today)?',
    ],
  ],
  [
    'time',
    [
      `${WHAT} time (is)? ${NOW}`,
      `${WHAT} time it is (now)?`,
      '(what is)? (the)? (current)? time (now|right now)?',
      '(what is)? (the)? (current)? (date and time|time and date) (now|right now)?',
    ],
  ],
  ['month', [`${WHAT} month (is)? ${NOW}`, '(what is)? (the)? current month']],
  ['year', [`${WHAT} year (is)? ${NOW}`, '(what is)? (the)? current year']],
  [
    'date',
    [
      `${WHAT} date (is)? ${NOW}`,
      `${WHAT} date it is (today|now)?`,
      "(what is|show|give|get)? (me)? (the|today's|todays)? (current)? date (of)? (today|now|right now)?",
      `${WHAT} date do we have (today)?`,
    ],
  ],
]

const compiled = wordings.map(([what, patterns]) => ({ what, readings: compilePatterns<object>(patterns, {}) }))

/** Reads questions about the present moment. */
export function* readDate(tokens: readonly Token[]): Generator<Intent> {
  for (const { what, readings } of compiled) {
    if (readings(tokens).length > 0) yield { kind: 'date', what }
  }
}
