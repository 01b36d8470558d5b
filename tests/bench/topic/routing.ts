import type { ChatRequest } from '@aios/kernel'
import { greedy, smart, type RoutingExample, type SmartRouter } from '@aios/llm'
import { quantile } from '../../sampling/quantile.js'
import { seededRandom } from '../../sampling/seeded-random.js'
import { coreView } from '../ground/core-view.js'
import { asksStrong, plainNeighbours } from '../ground/original-rule.js'
import { routingTables, type RoutedQuestion, type RoutingTable } from '../ground/routing-table.js'
import { cpuMs } from '../measure/cpu-time.js'
import { meanWithin, orderBy, recoveredGap, type Interval } from '../measure/recovered-gap.js'
import { aim, atLeast, atMost, digits, floored, type Check, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const FOLDS = 5
const STORED = 10_000
const CORES = [coreView('weak', 1), coreView('strong', 10)]

/** Is what routers say of each question, from questions of other folds alone. */
interface Scores {
  /** Gain of quality by the strong model: without the subject, and with it declared. */
  readonly plain: Float64Array
  readonly declared: Float64Array
  /** The same of 256 plain neighbours, and of the mean of the subject. */
  readonly neighbours: Float64Array
  readonly subject: Float64Array
  readonly original: readonly boolean[]
}

/** Measures what smart routing recovers, how long it takes, and how soon it notices that two models changed places. */
export function routing(mode: Mode): Promise<readonly Section[]> {
  const tables = routingTables()
  return Promise.resolve([
    ...tables.map(quality),
    decisions(
      tables.flatMap(({ questions }) => questions),
      mode === 'full' ? 5_000 : 2_000,
    ),
    swap(tables[0]!.questions),
  ])
}

function exampleOf({ text, task, weak, strong }: RoutedQuestion): RoutingExample {
  return { text, task, outcomes: { weak: { quality: weak }, strong: { quality: strong } } }
}

function requestOf({ text, task }: RoutedQuestion, declares: boolean): ChatRequest {
  return { messages: [{ role: 'user', content: text }], ...(declares && { task }) }
}

function gainOf(router: SmartRouter, request: ChatRequest): number {
  const [weak, strong] = router.estimates(request, CORES)
  return (strong?.quality ?? 0) - (weak?.quality ?? 0)
}

/** Deals questions out to folds, and orders those that are learnt from as by chance. */
function shuffled(count: number): readonly number[] {
  const random = seededRandom(1)
  const order = Array.from({ length: count }, (_, at) => at)
  for (let at = count - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

function scoresOf(questions: readonly RoutedQuestion[]): Scores {
  const count = questions.length
  const order = shuffled(count)
  const [plain, declared] = [new Float64Array(count), new Float64Array(count)]
  const [neighbours, subject] = [new Float64Array(count), new Float64Array(count)]
  const original = new Array<boolean>(count).fill(false)
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const past = order.filter((_, place) => place % FOLDS !== fold).map((at) => questions[at]!)
    const router = smart({ history: past.map(exampleOf), examples: STORED, keep: false })
    const nearest = plainNeighbours(past, [16, 256])
    const gains = subjectGains(past)
    for (const at of order.filter((_, place) => place % FOLDS === fold)) {
      const question = questions[at]!
      plain[at] = gainOf(router, requestOf(question, false))
      declared[at] = gainOf(router, requestOf(question, true))
      const [few, many] = nearest(question.text)
      neighbours[at] = many!.strong - many!.weak
      original[at] = asksStrong(few!)
      subject[at] = gains(question.task)
    }
  }
  return { plain, declared, neighbours, subject, original }
}

function subjectGains(past: readonly RoutedQuestion[]): (task: string) => number {
  const sums = new Map<string, readonly [number, number]>()
  for (const { task, weak, strong } of past) {
    const [sum, count] = sums.get(task) ?? [0, 0]
    sums.set(task, [sum + strong - weak, count + 1])
  }
  return (task) => {
    const [sum, count] = sums.get(task) ?? [0, 1]
    return sum / count
  }
}

function quality({ name, questions, recorded }: RoutingTable): Section {
  const scores = scoresOf(questions)
  const strongCalls = scores.original.filter(Boolean).length
  const atShare = (own: Float64Array): Interval => {
    const sent = new Set(orderBy(own).slice(0, strongCalls))
    const right = ({ weak, strong }: RoutedQuestion, toStrong: boolean): number => (toStrong ? strong : weak)
    return meanWithin(
      questions.map((question, at) => right(question, sent.has(at)) - right(question, scores.original[at]!)),
    )
  }
  const plain = recoveredGap(questions, scores.plain, scores.neighbours)
  const declared = recoveredGap(questions, scores.declared, scores.subject)
  const [plainAt, declaredAt] = [atShare(scores.plain), atShare(scores.declared)]
  const isMmlu = recorded && name === 'MMLU'
  const figure = (what: string, value: number, target: number): Check =>
    isMmlu ? { ...atLeast(what, value, [target, '']), floor: target } : aim(what, value, [target, ''])
  return {
    title: `Smart routing on ${questions.length.toLocaleString('en-US')} questions (${name}), ${FOLDS} folds; brackets: 95 % of 500 paired resamplings`,
    lines: [
      `recovered gap ${told(plain.gap)}; with the subject declared ${told(declared.gap)}; chance 0.500`,
      `above 256 plain neighbours by ${told(plain.above)}; with the subject above its mean gain by ${told(declared.above)}`,
      `at the original's share of strong calls (${digits((100 * strongCalls) / questions.length)} %) right by ${told(plainAt)} more, with the subject ${told(declaredAt)}`,
    ],
    checks: isMmlu
      ? [
          figure('recovered gap', plain.gap.value, 0.648),
          figure('recovered gap, subject declared', declared.gap.value, 0.661),
          figure("lower end of what it is above the original's rule", plainAt.low, 0),
          figure('lower end of that, subject declared', declaredAt.low, 0),
        ]
      : [
          figure('recovered gap', plain.gap.value, 0.5),
          figure('recovered gap, subject declared', declared.gap.value, 0.5),
        ],
  }
}

function told({ value, low, high }: Interval): string {
  return `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`
}

/** Times single decisions over a full history. */
function decisions(questions: readonly RoutedQuestion[], count: number): Section {
  const history = Array.from({ length: STORED }, (_, at) => exampleOf(questions[at % questions.length]!))
  const router = smart({ history, examples: STORED, keep: false })
  const times = new Float64Array(count)
  for (let at = -count; at < count; at += 1) {
    const request = requestOf(questions[(7 * at + 7 * count) % questions.length]!, true)
    const from = cpuMs()
    router.pick(request, CORES, 0)
    if (at >= 0) times[at] = 1_000 * (cpuMs() - from)
  }
  times.sort()
  return {
    title: `A decision over ${STORED.toLocaleString('en-US')} examples, in processor time of all threads`,
    lines: [`p50 ${digits(quantile(times, 0.5))} us, p99 ${digits(quantile(times, 0.99))} us`],
    checks: [floored(atMost('p99 of a decision', quantile(times, 0.99), [1_000, 'us']), 5_000)],
  }
}

/** Streams questions with feedback for the model that was asked alone, and has the models change places half way. */
function swap(questions: readonly RoutedQuestion[]): Section {
  const order = shuffled(questions.length).slice(0, 4_000)
  const half = order.length / 2
  const run = (learns: boolean): number => {
    const router = smart({ policy: greedy({ usdPerQuality: 1_000 }), explore: 0.05, keep: false })
    let better = 0
    let recoveredAt = Number.POSITIVE_INFINITY
    order.forEach((index, at) => {
      const question = questions[index]!
      const request = requestOf(question, false)
      const id = router.pick(request, CORES, at)
      const picked = CORES.find((core) => core.id === id)!
      const isSwapped = at >= half
      const isStrong = (picked.id === 'strong') !== isSwapped
      const usage = { input: { total: 100 }, output: { total: 10 } }
      const outcome = { callId: at, core: picked, request, firstPartMs: 1, durationMs: 2, usage, usd: 0 }
      router.settled({ ...outcome, errorCode: undefined, at })
      if (learns || !isSwapped) router.feedback(at, isStrong ? question.strong : question.weak)
      // Of the last calls or so, how many went to the model that is better now.
      better += ((isStrong ? 1 : 0) - better) / 50
      if (at === half) better = 0
      if (isSwapped && better >= 0.75) recoveredAt = Math.min(recoveredAt, at - half)
    })
    return recoveredAt
  }
  const calls = run(true)
  const still = run(false)
  const never = still === Number.POSITIVE_INFINITY
  return {
    title: `Two models change places after ${half.toLocaleString('en-US')} calls; feedback for the answer given alone`,
    lines: [
      `three of four calls go to the better one again after ${digits(calls)} calls; without feedback ${never ? 'never' : `after ${digits(still)}`}`,
    ],
    checks: [atMost('calls until it recovered', calls, [500, 'calls'])],
  }
}
