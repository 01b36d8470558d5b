import type { Scope } from '../grammar/scope.js'
import type { Folder } from './folder.js'
import { matchLines } from './match-lines.js'
import { CannotAnswer } from './plan.js'
import type { Plan } from './plan.js'
import { selectFiles } from './select-files.js'
import type { Selection } from './select-files.js'

/** Is where a question is answered. */
export interface Place {
  readonly folder: Folder
  readonly ignoreCase: boolean
  /** Only what lies directly in a folder counts. */
  readonly direct: boolean
}

/** Selects the files of a scope, looking into them where it says what they have to contain. */
export function* chooseFiles(scope: Scope, { folder, ignoreCase, direct }: Place): Plan<Selection> {
  const selection = selectFiles(scope, folder, direct)
  if ('problem' in selection) throw new CannotAnswer(selection.problem)
  const { condition } = scope
  if (condition === undefined) return selection
  const { hits } = yield* matchLines(selection.files, { ...condition, negated: false }, ignoreCase)
  const holding = new Set(hits.map(({ path }) => path))
  const verb = condition.negated ? 'without' : 'that contain'
  return {
    files: selection.files.filter(({ path }) => holding.has(path) !== condition.negated),
    kind: selection.kind,
    rest: `${selection.rest} ${verb} "${condition.text}"`,
    isOneFile: false,
  }
}
