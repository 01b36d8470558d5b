/** Questions with how well a weak and a strong model did them: recorded ones, or some of our own making. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../../sampling/seeded-random.js'

/** Is one question. */
export interface RoutedQuestion {
  readonly text: string
  readonly task: string
  /** 1 if the model was right, else 0. */
  readonly weak: number
  readonly strong: number
}

/** Is a table, and where it came from. */
export interface RoutingTable {
  readonly name: string
  readonly questions: readonly RoutedQuestion[]
  readonly recorded: boolean
}

const FILE = join('routing', 'mmlu-gsm8k.jsonl')
const SUBJECTS = 24
const WORDS_OF_SUBJECT = 60
const COMMON_WORDS = 400

/** Reads the recorded table of `AIOS_DATA_DIR`; without it makes one, and says so. */
export function routingTables(): readonly RoutingTable[] {
  const root = process.env['AIOS_DATA_DIR']
  if (root === undefined || root === '') {
    return [
      { name: `made here: set AIOS_DATA_DIR to a folder that holds ${FILE}`, questions: made(2_400), recorded: false },
    ]
  }
  const lines = readFileSync(join(root, FILE), 'utf8').trim().split('\n')
  const all = lines.map((line) => JSON.parse(line) as Recorded)
  const named = (dataset: string, name: string): RoutingTable => ({
    name,
    recorded: true,
    questions: all.filter((row) => row.dataset === dataset).map(questionOf),
  })
  return [named('mmlu', 'MMLU'), named('gsm8k', 'GSM8K')]
}

interface Recorded {
  readonly dataset: string
  readonly subject: string
  readonly query: string
  readonly correct: Readonly<Record<string, number>>
}

function questionOf({ subject, query, correct }: Recorded): RoutedQuestion {
  const [weak = 0, strong = 0] = [correct['mixtral-8x7b-instruct'], correct['gpt-4-1106-preview']]
  return { text: query, task: subject, weak, strong }
}

/** Makes questions of subjects with words of their own, each of which the models do differently well. */
function made(count: number): readonly RoutedQuestion[] {
  const random = seededRandom(11)
  const letter = (): string => String.fromCharCode(97 + Math.floor(random() * 26))
  const word = (): string => Array.from({ length: 4 + Math.floor(random() * 6) }, letter).join('')
  const common = Array.from({ length: COMMON_WORDS }, word)
  const subjects = Array.from({ length: SUBJECTS }, () => {
    const weak = 0.4 + 0.5 * random()
    return {
      words: Array.from({ length: WORDS_OF_SUBJECT }, word),
      weak,
      strong: Math.min(0.97, weak + 0.4 * random()),
    }
  })
  return Array.from({ length: count }, (_, at) => {
    const subject = subjects[at % SUBJECTS]!
    const of = (words: readonly string[]): string => words[Math.floor(words.length * random())]!
    const text = Array.from({ length: 20 }, () => of(random() < 0.4 ? subject.words : common)).join(' ')
    const right = (chance: number): number => (random() < chance ? 1 : 0)
    return { text, task: `subject-${at % SUBJECTS}`, weak: right(subject.weak), strong: right(subject.strong) }
  })
}
