import type { Intent } from '../intent/intent.js'
import { chooseFiles } from './choose-files.js'
import type { Place } from './choose-files.js'
import { matchLines } from './match-lines.js'
import { CannotAnswer } from './plan.js'
import type { Plan } from './plan.js'
import { filesIn, findName, selectionText } from './select-files.js'
import { conditionText, counted } from './wording.js'

/** Lines of an answer; more are counted, not shown. */
const MOST_SHOWN = 500

/** Answers which files or folders there are: a heading, then one path a line. */
export function* answerList(intent: Intent & { readonly kind: 'list' }, place: Place): Plan {
  if (intent.what === 'folders') return listFolders(intent.scope.place ?? '.', place)
  const { files, kind, rest } = yield* chooseFiles(intent.scope, place)
  if (files.length === 0) return `${intent.yesNo ? 'No: there' : 'There'} are no ${kind}files${rest}.`
  const head = `${intent.yesNo ? 'Yes: ' : ''}${counted(files.length, `${kind}file`)}${rest}`
  return shown(
    head,
    files.map(({ path }) => path),
  )
}

/** Answers which lines fulfil a condition: a heading, then `path:line: text`. */
export function* answerGrep({ scope, condition }: Intent & { readonly kind: 'grep' }, place: Place): Plan {
  const selection = yield* chooseFiles(scope, place)
  const { files, isOneFile } = selection
  const label = selectionText(selection)
  const { hits, skipped } = yield* matchLines(files, condition, place.ignoreCase)
  if (isOneFile && skipped > 0) throw new CannotAnswer(`${label} could not be read as text.`)
  const head = `${counted(hits.length, 'line')} in ${label} ${conditionText(condition, hits.length)}`
  return hits.length === 0
    ? `${head}.`
    : shown(
        head,
        hits.map(({ path, line, text }) => `${path}:${line}: ${text}`),
      )
}

function listFolders(name: string, { folder, direct }: Place): string {
  const found = findName(name, folder)
  if ('problem' in found) throw new CannotAnswer(found.problem)
  const folders = filesIn(found.entry, { files: folder.folders }, direct)
  const where = found.entry.path === '.' ? 'the folder' : found.entry.path
  if (folders.length === 0) return `There are no folders in ${where}.`
  return shown(
    `${counted(folders.length, 'folder')} in ${where}`,
    folders.map(({ path }) => path),
  )
}

function shown(head: string, lines: readonly string[]): string {
  const more = lines.length > MOST_SHOWN ? [`… and ${lines.length - MOST_SHOWN} more`] : []
  return [`${head}:`, ...lines.slice(0, MOST_SHOWN), ...more].join('\n')
}
