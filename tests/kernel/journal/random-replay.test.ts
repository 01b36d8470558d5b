/** Runs generated agents live on a virtual clock, with latencies that differ from call to call, and goes through them again. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKernel, fork, ramRecords, readRun, replay, type RunJournal } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { z } from 'zod'
import { runs } from '../../setup/runs.js'
import { agentOf, program, type Step } from './arbitrary-program.js'
import { ask, bad } from './replayed-agents.js'

/** Is a run as it was live: what it came to, what its agents were answered in which order, and its lines. */
interface Live {
  readonly journal: RunJournal
  readonly value: unknown
  readonly notes: readonly string[]
}

const double = defineTool({
  name: 'double',
  description: 'Asks twice at once.',
  input: z.object({}),
  execute: async (_, { sys }) => {
    const all = await Promise.all([sys.llm.chat(ask('e')), sys.clock.now(), sys.llm.chat(ask('e'))])
    return all[0].text + all[2].text
  },
})
/** Runs a program live, from its beginning or from where a fork goes its own way. */
async function live(step: Step, latencies: readonly number[], forked?: RunJournal): Promise<Live> {
  const clock = virtualClock(1_000)
  const records = ramRecords()
  let asked = 0
  const core = scriptedCore(
    [
      ({ messages }) => {
        asked += 1
        const latencyMs = latencies[asked % latencies.length] ?? 0
        const { content } = messages[0] as { readonly content: string }
        // Who has begun to say something says the same again.
        const text = content < 'c' ? `re ${content} ${asked}` : `to ${content} all the same`
        return { text, latencyMs, tokenMs: latencyMs % 3 }
      },
    ],
    { repeat: true },
  )
  const kernel = await createKernel({ llm: core, tools: tools([double, bad]), records, journal: true, clock })
  const notes: string[] = []
  const agent = agentOf((what, value) => notes.push(`${what} ${JSON.stringify(value)}`))
  let ended: { readonly value: unknown } | undefined
  const running = kernel
    .run(agent, step, { runId: 'r', ...(forked === undefined ? {} : { replay: forked }) })
    .then((value) => (ended = { value }))
  running.catch(() => undefined)
  for (let turn = 0; turn < 1_000 && ended === undefined; turn += 1) await clock.advance(20)
  const { value } = ended ?? (await Promise.race([running, Promise.reject(new Error('The program did not end.'))]))
  const atEnd = [...notes]
  const journal = await readRun(records, 'r')
  await kernel.close()
  return { journal, value, notes: atEnd }
}

interface Again {
  readonly outcome: string
  readonly value: unknown
  readonly lines: number
  readonly notes: readonly string[]
}

async function again(journal: RunJournal, until?: number): Promise<Again> {
  const notes: string[] = []
  const agent = agentOf((what, value) => notes.push(`${what} ${JSON.stringify(value)}`))
  const replayed = await replay(journal, agent, { until })
  const value = replayed.outcome === 'fulfilled' ? replayed.value : undefined
  const atEnd = [...notes]
  return { outcome: replayed.outcome, value, lines: replayed.lines, notes: atEnd }
}

/** Returns the name of the answer that a note of a part belongs to. */
const answerOf = (note: string): string | undefined => /^\d+ part of \d+/.exec(note)?.[0]

const latencies = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 7 })
const tries = { numRuns: runs(30, 2_000) }
const timeLimitMs = runs(60_000, 3_600_000)

describe('a run of any agent', () => {
  it(
    'is gone through again as it was, to the same value',
    async () => {
      await fc.assert(
        fc.asyncProperty(program, latencies, async (step, delays) => {
          const { journal, value, notes } = await live(step, delays)
          const before = JSON.stringify(journal)
          const { outcome, ...same } = await again(journal)
          expect(outcome).toBe('fulfilled')
          expect(JSON.stringify(same)).toBe(JSON.stringify({ value, lines: journal.lines.length, notes }))
          expect(JSON.stringify(journal)).toBe(before)
        }),
        tries,
      )
    },
    timeLimitMs,
  )

  it(
    'does up to any line what it did, and no more',
    async () => {
      await fc.assert(
        fc.asyncProperty(program, latencies, fc.nat(), async (step, delays, at) => {
          const { journal, notes } = await live(step, delays)
          const until = 1 + (at % journal.lines.length)
          const stopped = await again(journal, until)
          expect(stopped.lines).toBe(until)
          expect(notes.slice(0, stopped.notes.length)).toEqual(stopped.notes)
        }),
        tries,
      )
    },
    timeLimitMs,
  )

  it(
    'is the same up to any call when a fork goes on live from there',
    async () => {
      await fc.assert(
        fc.asyncProperty(program, latencies, fc.nat(), async (step, delays, which) => {
          const { journal } = await live(step, delays)
          const calls = journal.lines.filter(({ kind }) => kind === 'call')
          const call = calls[which % Math.max(1, calls.length)]
          if (call === undefined) return
          const before = await again(journal, call.n - 1)
          const forked = fork(journal, { at: call.n, runId: 'f' })
          const other = await live(step, [...delays, 3].reverse(), forked)
          // Who executed a call is told of a fork, and stands beside the lines of the run that goes through it.
          const copied = forked.lines.map((line) => ({ ...line, executed: undefined }))
          expect(other.journal.lines.slice(0, copied.length)).toEqual(copied)
          const were = before.notes.filter((note) => answerOf(note) === undefined)
          expect(other.notes.filter((note) => answerOf(note) === undefined).slice(0, were.length)).toEqual(were)
          // An answer that nobody had acted upon begins anew: what both heard of it is the same, but not when they heard it.
          for (const answer of new Set(before.notes.map(answerOf).filter((name) => name !== undefined))) {
            const [first, again] = [before, other].map(({ notes }) => notes.filter((note) => answerOf(note) === answer))
            expect(again!.slice(0, first!.length)).toEqual(first!.slice(0, again!.length))
          }
          const { outcome, ...same } = await again(other.journal)
          expect(outcome).toBe('fulfilled')
          const {
            value,
            notes,
            journal: { lines },
          } = other
          expect(JSON.stringify(same)).toBe(JSON.stringify({ value, lines: lines.length, notes }))
        }),
        tries,
      )
    },
    timeLimitMs,
  )
})
