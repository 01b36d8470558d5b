import type { Intent } from '../intent/intent.js'
import { addUp } from './add-up.js'
import { chooseFiles } from './choose-files.js'
import type { Place } from './choose-files.js'
import { numbersOf } from './numbers.js'
import type { Numbers } from './numbers.js'
import { CannotAnswer, outputOf } from './plan.js'
import type { Plan } from './plan.js'
import { readTexts } from './read-texts.js'
import type { TextFile } from './read-texts.js'
import { selectionText } from './select-files.js'
import { counted, skippedNote } from './wording.js'

type SumIntent = Intent & { readonly kind: 'sum' }

/** Answers what numbers in files add up to, exactly. */
export function* answerSum({ scope, column }: SumIntent, place: Place): Plan {
  const selection = yield* chooseFiles(scope, place)
  const { files } = selection
  const label = selectionText(selection)
  if (files.length === 0)
    throw new CannotAnswer(`There is nothing to add up: there are no ${selection.kind}files${selection.rest}.`)
  const texts = yield* readTexts(files)
  const { numbers, problems } = collect(texts, column)
  const [problem] = problems
  if (numbers.length === 0 && problem !== undefined) throw new CannotAnswer(problem)
  const values = numbers.flatMap((one) => one.values)
  const sum = yield* addUp(values)
  const others = numbers.reduce((count, one) => count + one.others, 0)
  const what = columnText(column)
  const notes = [
    counted(values.length, 'number'),
    ...(others > 0 ? [`${counted(others, 'cell')} without a number`] : []),
  ]
  return `The sum of ${what} in ${label} is ${sum} (${notes.join(', ')}).${skippedNote(problems.length)}`
}

function columnText(column: SumIntent['column']): string {
  if (column.kind === 'index') return column.index < 0 ? 'the last column' : `column ${column.index}`
  return column.title ?? 'the numbers'
}

function collect(
  texts: readonly TextFile[],
  column: SumIntent['column'],
): { numbers: readonly Numbers[]; problems: readonly string[] } {
  const numbers: Numbers[] = []
  const problems: string[] = []
  for (const { entry, text, problem } of texts) {
    if (text === undefined) {
      problems.push(`${entry.path} could not be read as text: ${problem ?? ''}`)
      continue
    }
    try {
      numbers.push(numbersOf(entry.path, text, column))
    } catch (error) {
      if (!(error instanceof CannotAnswer)) throw error
      problems.push(error.message)
    }
  }
  return { numbers, problems }
}

/** Answers arithmetic. */
export function* answerCalculation({ expression }: Intent & { readonly kind: 'calculate' }): Plan {
  const [answer] = yield [{ tool: 'calculator', input: { expression } }]
  const { result, approximation } = outputOf<{ result: string; approximation?: string }>(answer)
  return `${expression} = ${result}${approximation === undefined ? '' : ` (about ${approximation})`}`
}
