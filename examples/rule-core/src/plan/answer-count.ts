import type { Intent } from '../intent/intent.js'
import { chooseFiles } from './choose-files.js'
import type { Place } from './choose-files.js'
import { countText, matchLines } from './match-lines.js'
import { CannotAnswer } from './plan.js'
import type { Plan } from './plan.js'
import { linesOf, readTexts } from './read-texts.js'
import { findName, selectionText } from './select-files.js'
import type { Selection } from './select-files.js'
import { conditionText, counted, skippedNote } from './wording.js'

type CountIntent = Intent & { readonly kind: 'count' }

/** Answers `how many`: the number comes first. */
export function* answerCount(intent: CountIntent, place: Place): Plan {
  if (intent.unit === 'folders') return countFolders(intent, place)
  const selection = yield* chooseFiles(intent.scope, place)
  const { files, kind, rest } = selection
  switch (intent.unit) {
    case 'files': {
      const nested = files.filter(({ path }) => isNested(path, intent, place)).length
      const note = nested > 0 && nested < files.length ? ` (${nested} of them in subfolders)` : ''
      return `${counted(files.length, `${kind}file`)}${rest}${note}.`
    }
    case 'bytes':
      return `${counted(
        files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        'byte',
      )} in ${selectionText(selection)}.`
    default:
      return yield* countInTexts(intent, selection, place)
  }
}

function* countInTexts(intent: CountIntent, selection: Selection, place: Place): Plan {
  const { files, isOneFile } = selection
  const label = selectionText(selection)
  if (intent.condition !== undefined) {
    const { hits, skipped } = yield* matchLines(files, intent.condition, place.ignoreCase)
    if (isOneFile && skipped > 0) throw new CannotAnswer(`${label} could not be read as text.`)
    return `${counted(hits.length, 'line')} in ${label} ${conditionText(intent.condition, hits.length)}.${skippedNote(skipped)}`
  }
  const texts = yield* readTexts(files)
  const bad = texts.filter(({ text }) => text === undefined)
  if (isOneFile && bad[0] !== undefined)
    throw new CannotAnswer(`${label} could not be read as text: ${bad[0].problem ?? ''}`)
  const total = texts.reduce((sum, { text = '' }) => sum + measure(text, intent, place), 0)
  const note = skippedNote(bad.length)
  if (intent.unit !== 'occurrences') return `${counted(total, intent.unit.slice(0, -1))} in ${label}.${note}`
  return `"${intent.needle?.text ?? ''}" occurs ${counted(total, 'time')} in ${label}.${note}`
}

/** Measures a text: words stand between white space, characters are Unicode code points. */
function measure(text: string, { unit, needle }: CountIntent, { ignoreCase }: Place): number {
  switch (unit) {
    case 'lines':
      return linesOf(text).length
    case 'words':
      return text.split(/\s+/).filter((word) => word !== '').length
    case 'characters':
      return [...text].length
    default: {
      const fold = (value: string) => (ignoreCase ? value.toLowerCase() : value)
      return needle === undefined ? 0 : countText(fold(text), { ...needle, text: fold(needle.text) })
    }
  }
}

function countFolders({ scope }: CountIntent, { folder, direct }: Place): string {
  const found = findName(scope.place ?? '.', folder)
  if ('problem' in found) throw new CannotAnswer(found.problem)
  const prefix = found.entry.path === '.' ? '' : `${found.entry.path}/`
  const below = folder.folders.filter(
    ({ path }) => path.startsWith(prefix) && !(direct && path.slice(prefix.length).includes('/')),
  )
  return `${counted(below.length, 'folder')} in ${found.entry.path === '.' ? 'the folder' : found.entry.path}.`
}

function isNested(path: string, { scope }: CountIntent, { folder }: Place): boolean {
  const found = findName(scope.place ?? '.', folder)
  const prefix = 'entry' in found && found.entry.path !== '.' ? `${found.entry.path}/` : ''
  return path.slice(prefix.length).includes('/')
}
