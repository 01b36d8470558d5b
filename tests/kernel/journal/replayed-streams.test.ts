import { describe, expect, it } from 'vitest'
import { createKernel, fork, ramRecords, readRun, replay, type Agent, type RunJournal, type Sys } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { ask } from './replayed-agents.js'

/** Notes the words of an answer as they come. */
async function heard(sys: Sys, text: string, notes: string[]): Promise<void> {
  for await (const part of sys.llm.stream(ask(text)))
    if (part.type === 'text-delta') notes.push(`${text}: ${part.text.trim()}`)
}

/** Sleeps while an answer comes word by word. */
const sleeper: Agent<string, string[]> = async (sys) => {
  const notes: string[] = []
  const nap = sys.clock.sleep({ ms: 15 }).then(() => notes.push('awake'))
  await Promise.all([nap, heard(sys, 'x', notes)])
  return notes
}

/** Reads two answers at once. */
const listener: Agent<string, string[]> = async (sys) => {
  const notes: string[] = []
  await Promise.all([heard(sys, 'x', notes), heard(sys, 'y', notes)])
  return notes
}

/** Acts upon the second word of an answer. */
const hasty: Agent<string, string[]> = async (sys) => {
  const words: string[] = []
  for await (const part of sys.llm.stream(ask('x'))) {
    if (part.type !== 'text-delta') continue
    words.push(part.text.trim())
    if (words.length === 2) words.push(`at ${await sys.clock.now()}`)
  }
  return words
}

interface Live {
  readonly journal: RunJournal
  readonly value: readonly string[]
}

/** Runs an agent live, on a core whose answers take 10 milliseconds a word. */
async function live(agent: Agent<string, string[]>, forked?: RunJournal, startAt = 1_000): Promise<Live> {
  const clock = virtualClock(startAt)
  const records = ramRecords()
  const llm = scriptedCore([{ text: 'one two three' }], { repeat: true, tokenMs: 10 })
  const kernel = await createKernel({ llm, records, journal: true, clock })
  const running = kernel.run(agent, '', { runId: 'r', ...(forked === undefined ? {} : { replay: forked }) })
  await clock.advance(100)
  const value = await running
  const journal = await readRun(records, 'r')
  await kernel.close()
  return { journal, value }
}

describe('the parts of recorded answers', () => {
  it('come in their turn among what settled meanwhile', async () => {
    const { journal, value } = await live(sleeper)
    expect(value).toEqual(['x: one', 'x: two', 'awake', 'x: three'])
    expect(await replay(journal, sleeper)).toMatchObject({ outcome: 'fulfilled', value })
  })

  it('come in their turn among those of other answers', async () => {
    const { journal, value } = await live(listener)
    expect(value).toEqual(['x: one', 'y: one', 'x: two', 'y: two', 'x: three', 'y: three'])
    expect(await replay(journal, listener)).toMatchObject({ outcome: 'fulfilled', value })
  })

  it('do not come if they are of a line after that where the replay stops', async () => {
    const { journal } = await live(sleeper)
    const nap = journal.lines.find((line) => line.kind === 'call' && line.row === 'clock.sleep')
    const notes: string[] = []
    const noting: Agent<string, string[]> = async (sys) => {
      const nap = sys.clock.sleep({ ms: 15 }).then(() => notes.push('awake'))
      await Promise.all([nap, heard(sys, 'x', notes)])
      return notes
    }
    expect(await replay(journal, noting, { until: nap?.n })).toMatchObject({ outcome: 'stopped' })
    expect(notes).toEqual(['x: one', 'x: two', 'awake'])
  })

  it('are not written again by a run that goes through them', async () => {
    const { journal, value } = await live(hasty)
    const cut = { header: journal.header, lines: journal.lines.slice(0, -1) }
    const again = await live(hasty, { ...cut, header: { ...cut.header, state: 'running', endedAt: undefined } })
    expect(again.value).toEqual(value)
    expect(again.journal.lines.slice(0, -1)).toEqual(cut.lines)
  })
})

describe('a fork at an answer', () => {
  const atStream = ({ lines }: RunJournal): number =>
    lines.find((line) => line.kind === 'call' && line.row === 'llm.stream')?.n ?? 0

  it('keeps its beginning if the agent acted upon that, and goes on from there', async () => {
    const { journal, value } = await live(hasty)
    const forked = await live(hasty, fork(journal, { at: atStream(journal) }), 50_000)
    expect(forked.value).toEqual(value)
    expect(await replay(forked.journal, hasty)).toMatchObject({ outcome: 'fulfilled', value })
  })

  it('has another one if nobody did', async () => {
    const { journal } = await live(sleeper)
    const forked = fork(journal, { at: atStream(journal) })
    expect(forked.lines.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['start ', 'open 1', 'call 1'])
    expect((await live(sleeper, forked)).value).toEqual(['awake', 'x: one', 'x: two', 'x: three'])
  })
})
