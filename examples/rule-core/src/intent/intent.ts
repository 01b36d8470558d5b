import type { Column } from '../grammar/column.js'
import type { Condition, Needle } from '../grammar/condition.js'
import type { Scope } from '../grammar/scope.js'

/** Is what can be counted. */
export type Unit = 'files' | 'folders' | 'lines' | 'words' | 'characters' | 'bytes' | 'occurrences'

/** Is what files can be compared by. */
export type Metric = 'bytes' | 'lines' | 'words' | 'characters' | 'modified'

/** Says which lines are meant; both ends count from 1. */
export type LineRange = { readonly from: number; readonly to: number } | { readonly last: number }

/** Is a question as this core understands it: the closed list of what it can do. */
export type Intent =
  | { readonly kind: 'date'; readonly what: 'date' | 'day' | 'time' | 'month' | 'year' }
  | { readonly kind: 'calculate'; readonly expression: string }
  | { readonly kind: 'list'; readonly scope: Scope; readonly what: 'files' | 'folders'; readonly yesNo: boolean }
  | { readonly kind: 'grep'; readonly scope: Scope; readonly condition: Condition }
  | { readonly kind: 'read'; readonly name: string; readonly lines?: LineRange }
  | {
      readonly kind: 'count'
      readonly unit: Unit
      readonly scope: Scope
      readonly condition?: Condition
      readonly needle?: Needle
    }
  | { readonly kind: 'sum'; readonly scope: Scope; readonly column: Column }
  | {
      readonly kind: 'compare'
      readonly scope: Scope
      readonly metric: Metric
      readonly order: 'most' | 'least'
      /** `which`: name it; `is`: whether the first one is it; `difference`: by how much; `both`: tell of each. */
      readonly form: 'which' | 'is' | 'difference' | 'both'
    }
