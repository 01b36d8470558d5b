import { createKernel, ramRecords } from '@aios/kernel'
import { embeddedMemory } from '@aios/memory'
import { cpuMs } from '../measure/cpu-time.js'
import { aim, atMost, digits, type Section } from '../measure/report.js'
import { seededRandom } from '../../sampling/seeded-random.js'
import { quantile } from '../../sampling/quantile.js'
import type { Mode } from './mode.js'

const NOTES = 100_000
const WORDS = 20_000
const OWNERS = 10
const ADDED_AT_ONCE = 2_000

/** Is how notes were loaded, in processor time of all threads. */
interface Load {
  readonly seconds: number
  /** Milliseconds of the turns of the event loop meanwhile, sorted. */
  readonly turns: Float64Array
}

/** Makes notes of 12 to 24 words, of which some are far more frequent than others, as in a language. */
function contents(count: number): readonly string[] {
  const random = seededRandom(1)
  const letter = (): string => String.fromCharCode(97 + Math.floor(random() * 26))
  const words = Array.from({ length: WORDS }, () =>
    Array.from({ length: 3 + Math.floor(random() * 8) }, letter).join(''),
  )
  const word = (): string => words[Math.floor(WORDS * random() ** 3)] ?? ''
  return Array.from({ length: count }, () => Array.from({ length: 12 + Math.floor(random() * 12) }, word).join(' '))
}

/** Watches the event loop while `work` goes on. */
async function watched(work: () => Promise<void>): Promise<Load> {
  const turns: number[] = []
  const from = cpuMs()
  let [last, working] = [from, true]
  const turn = (): void => {
    const now = cpuMs()
    turns.push(now - last)
    last = now
    if (working) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  working = false
  return { seconds: (cpuMs() - from) / 1_000, turns: Float64Array.from(turns).sort() }
}

/** Measures how a kernel opens over many notes: how long, and for how long nobody else has a turn meanwhile. */
export async function memory(mode: Mode): Promise<readonly Section[]> {
  const count = mode === 'full' ? NOTES : NOTES / 5
  const records = ramRecords()
  const options = { records }
  const first = await createKernel({ ...options, memory: embeddedMemory({ maxNotes: count }) })
  const owners = Array.from({ length: OWNERS }, (_, at) => first.sys({ namespace: `owner-${at}` }))
  const texts = contents(count)
  for (let from = 0; from < count; from += ADDED_AT_ONCE)
    await Promise.all(
      texts.slice(from, from + ADDED_AT_ONCE).map((content, at) => owners[at % OWNERS]!.memory.add({ content })),
    )
  await first.close()
  globalThis.gc?.()
  // Once over no notes, so that what a program loads and compiles at its first kernel is not taken for the notes' cost.
  await (await createKernel({ memory: embeddedMemory() })).close()
  const { seconds, turns } = await watched(async () => {
    await (await createKernel({ ...options, memory: embeddedMemory({ maxNotes: count }) })).close()
  })
  const [p99, longest] = [quantile(turns, 0.99), turns.at(-1) ?? 0]
  const over = turns.filter((ms) => ms >= 10).length
  return [
    {
      title: `A kernel opens over ${count.toLocaleString('en-US')} notes of ${OWNERS} owners, in RAM`,
      lines: [
        `${digits(seconds)} s of processor time, ${digits((seconds * 1e6) / count)} us a note`,
        `turns of the event loop: ${turns.length}, p99 ${digits(p99)} ms, longest ${digits(longest)} ms, ${over} of 10 ms or more`,
      ],
      checks: [
        aim('notes loaded, by processor time', count / seconds, [20_000, '/s']),
        atMost('p99 of the turns meanwhile', p99, [10, 'ms']),
      ],
    },
  ]
}
