import type { Scope } from '../grammar/scope.js'
import type { Intent } from '../intent/intent.js'
import { understand } from '../intent/understand.js'
import { answerCompare } from './answer-compare.js'
import { answerCount } from './answer-count.js'
import { answerDate } from './answer-date.js'
import { answerGrep, answerList } from './answer-list.js'
import { answerRead } from './answer-read.js'
import { answerCalculation, answerSum } from './answer-sum.js'
import type { Place } from './choose-files.js'
import { surveyFolder } from './folder.js'
import type { Folder } from './folder.js'
import type { Plan } from './plan.js'
import { findName, selectFiles } from './select-files.js'

/** Is what this core says to a question that it does not know how to answer. */
export const CANNOT = `I cannot answer that. I am a small set of rules, not a language model, and this is all I can do:
- list: "list the files in docs", "what folders are there"
- find: "find files named notes.txt", "find files with extension csv", "which files contain Berlin"
- grep: "which lines in app.log contain ERROR", "search for "out of memory" in logs"
- read: "read notes.txt", "show the first 3 lines of notes.txt", "what is the last line of notes.txt"
- count: "how many lines in app.log contain ERROR", "how many words does notes.txt have", "how many files are in docs"
- sum: "sum the numbers in column 2 of sales.csv", "what is the total of price in all .csv files", "what is 17 * 23"
- compare: "which of a.txt and b.txt is larger", "which file has the most lines", "is a.txt longer than b.txt"
- date: "what is the date", "what day is it", "what time is it"
Put quotes around a text or name of several words. Add "ignoring case" where upper and lower case do not matter.`

/** Is what a question is answered with besides its own words. */
export interface AnswerSetting {
  /** Whether what was learnt before says that upper and lower case do not matter. */
  readonly ignoreCase: boolean
}

/** Makes the plan that answers a question. */
export function* answer(question: string, setting: AnswerSetting): Plan {
  const { readings, direct, ...asked } = understand(question)
  const [first] = readings
  if (first === undefined) return CANNOT
  if (first.kind === 'date') return yield* answerDate(first)
  if (first.kind === 'calculate') return yield* answerCalculation(first)
  const folder = yield* surveyFolder()
  // Words can often be read in several ways; the one whose files exist is the one that was meant.
  const intent = readings.find((reading) => exists(reading, folder, direct)) ?? first
  return yield* answerAbout(intent, { folder, direct, ignoreCase: asked.ignoreCase || setting.ignoreCase })
}

function* answerAbout(intent: Intent, place: Place): Plan {
  switch (intent.kind) {
    case 'date':
      return yield* answerDate(intent)
    case 'calculate':
      return yield* answerCalculation(intent)
    case 'count':
      return yield* answerCount(intent, place)
    case 'sum':
      return yield* answerSum(intent, place)
    case 'compare':
      return yield* answerCompare(intent, place)
    case 'read':
      return yield* answerRead(intent, place)
    case 'grep':
      return yield* answerGrep(intent, place)
    case 'list':
      return yield* answerList(intent, place)
  }
}

function exists(intent: Intent, folder: Folder, direct: boolean): boolean {
  if (intent.kind === 'read') return !('problem' in findName(intent.name, folder))
  const scope: Scope = 'scope' in intent ? intent.scope : {}
  return !('problem' in selectFiles(scope, folder, direct))
}
