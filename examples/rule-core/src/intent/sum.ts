import { readColumn } from '../grammar/column.js'
import type { Column } from '../grammar/column.js'
import { MACROS } from '../grammar/macros.js'
import { compilePatterns } from '../grammar/pattern.js'
import type { Token } from '../grammar/question.js'
import { readScope } from '../grammar/scope.js'
import type { Scope } from '../grammar/scope.js'
import type { Intent } from './intent.js'

const ASK = '(what is|how much is|what are|compute|calculate|give|find|determine|show|get|work out)'
const readings = compilePatterns<{ column: Column; scope: Scope }>(
  [
    '(sum up|sum|add up|add|total up|total) (together)? <column> $in <scope>',
    '(sum up|sum|add up|add|total up|total) <column> together? $in <scope>',
    '(sum|add) <column> $in <scope> together',
    `(${ASK} $me)? (the)? (sum|total|sum total|grand total|total sum|combined total|overall total|combined sum|overall sum) (of|over|for|in|across)? <column> $in <scope>`,
    'what (do|does) <column> $in <scope> (add up to|sum to|sum up to|total|come to|amount to)',
    'how much (is|are) <column> $in <scope> (in total|altogether|together|in all|in sum)?',
    'how much do <column> $in <scope> (add up to|sum to|sum up to|come to)',
    `(${ASK} $me)? (the)? <column> (sum|total) (of|in|for|over) <scope>`,
    '(sum|add|total) up? <scope>',
  ],
  { column: readColumn, scope: readScope },
  MACROS,
)

const ALL: Column = { kind: 'all' }

/** Reads questions about the sum of numbers in files. */
export function* readSum(tokens: readonly Token[]): Generator<Intent> {
  for (const { column = ALL, scope } of readings(tokens)) {
    if (scope !== undefined) yield { kind: 'sum', scope, column }
  }
}
