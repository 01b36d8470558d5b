import type { Intent, LineRange } from '../intent/intent.js'
import { chooseFiles } from './choose-files.js'
import type { Place } from './choose-files.js'
import { CannotAnswer } from './plan.js'
import type { Plan } from './plan.js'
import { linesOf, readTexts } from './read-texts.js'
import { findName } from './select-files.js'
import { counted } from './wording.js'

/** Characters of an answer. */
const MOST_SHOWN = 20_000

/** Answers with the text of a file, or of some of its lines, and nothing else; of a folder, with its files. */
export function* answerRead({ name, lines }: Intent & { readonly kind: 'read' }, place: Place): Plan {
  const found = findName(name, place.folder)
  if ('problem' in found) throw new CannotAnswer(found.problem)
  const { entry } = found
  if (entry.kind === 'directory') {
    const { files } = yield* chooseFiles({ place: name }, place)
    return [`${entry.path} is a folder with ${counted(files.length, 'file')}:`, ...files.map(({ path }) => path)].join(
      '\n',
    )
  }
  const [file] = yield* readTexts([entry])
  if (file?.text === undefined)
    throw new CannotAnswer(`${entry.path} could not be read as text: ${file?.problem ?? ''}`)
  const text = lines === undefined ? file.text : rangeOf(linesOf(file.text), lines, entry.path)
  if (text === '') return lines === undefined ? `${entry.path} is empty.` : 'That line is empty.'
  const rest = text.length - MOST_SHOWN
  return rest > 0 ? `${text.slice(0, MOST_SHOWN)}\n… and ${rest} more characters` : text
}

function rangeOf(lines: readonly string[], range: LineRange, path: string): string {
  if ('last' in range) return lines.slice(-range.last).join('\n')
  if (range.from > lines.length)
    throw new CannotAnswer(`${path} has no line ${range.from}: it has ${counted(lines.length, 'line')}.`)
  return lines.slice(range.from - 1, range.to).join('\n')
}
