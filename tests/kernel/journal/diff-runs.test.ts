import { describe, expect, it } from 'vitest'
import { createKernel, diffRuns, fork, ramRecords, readRun, type Agent, type RunJournal } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { ask, recorded } from './replayed-agents.js'

const asking: Agent<readonly string[], number> = async (sys, questions) => {
  for (const question of questions) await sys.llm.chat(ask(question))
  return questions.length
}

async function run(questions: readonly string[], answers: readonly string[]): Promise<RunJournal> {
  return (await recorded(asking, questions, { llm: scriptedCore([...answers]) })).journal
}

/** Says a difference in a few words. */
function brief(before: RunJournal, after: RunJournal): readonly string[] {
  return diffRuns(before, after).map(({ kind, path, changes }) =>
    [kind, path, ...changes.map(({ at, before: was, after: is }) => `${at}: ${was} → ${is}`)].filter(Boolean).join(' '),
  )
}

describe('diffRuns', () => {
  it('finds nothing in two runs of the same agent, whatever their times, ids and pids', async () => {
    const family: Agent<string, unknown> = async (sys) => {
      const child: Agent<string, unknown> = async (own) => (await own.agent.receive()).message
      const { pid } = await sys.agent.spawn({ agent: child, input: '', name: 'child' })
      await sys.agent.send({ to: pid, message: 'hello' })
      await sys.agent.wait({ pid })
      return (await sys.llm.chat(ask('q'))).text
    }
    const first = (await recorded(family, '', { llm: scriptedCore(['a']) })).journal
    const elsewhere: Agent<string, unknown> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: async () => 1, input: '', name: 'other' })
      return pid
    }
    const records = ramRecords()
    const kernel = await createKernel({ llm: scriptedCore(['a']), records, journal: true })
    await kernel.run(elsewhere, '')
    await kernel.run(family, '', { runId: 's' })
    expect(diffRuns(first, await readRun(records, 's'))).toEqual([])
    await kernel.close()
  })

  it('tells a call that is missing or added from those that follow it', async () => {
    const before = await run(['a', 'b', 'c'], ['1', '2', '3'])
    const after = await run(['a', 'c'], ['1', '3'])
    expect(brief(before, after)).toEqual([
      'input [1]: "b" → "c" [2]: "c" → undefined',
      'missing 2',
      'end result: 3 → 2',
    ])
    expect(brief(after, before).filter((text) => text.startsWith('added'))).toEqual(['added 2'])
  })

  it('tells where a request differs', async () => {
    const before = await run(['a', 'b'], ['1', '2'])
    const after = await run(['a', 'B'], ['1', '2'])
    expect(brief(before, after)).toEqual(['input [1]: "b" → "B"', 'request 2 messages[0].content: "b" → "B"'])
  })

  it('tells where an outcome differs', async () => {
    const before = await run(['a'], ['1'])
    const after = await run(['a'], ['2'])
    expect(brief(before, after)).toEqual(['outcome 1 result.text: "1" → "2" result.message.content[0].text: "1" → "2"'])
    const failed = fork(before, { at: 2, patch: { error: new Error('no') } })
    expect(diffRuns(before, failed)[0]).toMatchObject({
      kind: 'outcome',
      changes: expect.arrayContaining([{ at: 'outcome', before: '"fulfilled"', after: '"rejected"' }]) as unknown,
    })
  })

  it('tells the fewest calls that settled in another order', async () => {
    const atOnce: Agent<string, unknown> = (sys) =>
      Promise.all(['a', 'b', 'c', 'd'].map(async (text) => (await sys.llm.chat(ask(text))).text))
    const orderly = { llm: scriptedCore([1, 2, 3, 4].map((n) => ({ text: 'x', latencyMs: n * 10 }))) }
    const changed = { llm: scriptedCore([50, 20, 30, 40].map((latencyMs) => ({ text: 'x', latencyMs }))) }
    const before = (await recorded(atOnce, '', orderly)).journal
    const after = (await recorded(atOnce, '', changed)).journal
    expect(diffRuns(before, after).map(({ kind, path }) => [kind, path])).toEqual([['order', '1']])
  })

  it('tells what was made below a call that only one run has', async () => {
    const child: Agent<string, unknown> = (own) => own.llm.chat(ask('c'))
    const withChild: Agent<string, number> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: child, input: '', name: 'child' })
      await sys.agent.wait({ pid })
      return 1
    }
    const before = (await recorded(withChild, '', { llm: scriptedCore(['x']) })).journal
    const after = (await recorded(() => Promise.resolve(1), '')).journal
    expect(brief(before, after)).toEqual(['missing 1', 'missing 1.1', 'missing 2'])
  })

  it('shows a few places and little text', async () => {
    const long = 'x'.repeat(500)
    const before = await run([`${long}1`], ['1'])
    const after = await run([`${long}2`], ['1'])
    const [input] = diffRuns(before, after)
    expect(input?.changes[0]?.before?.length).toBeLessThan(100)
    expect(input?.changes[0]?.before).toContain('1')
    const many = await run(
      Array.from({ length: 30 }, (_, index) => `${index}`),
      Array.from({ length: 30 }, () => '1'),
    )
    expect(diffRuns(before, many)[0]?.changes).toHaveLength(8)
  })

  it('refuses what is no journal', async () => {
    const journal = await run(['a'], ['1'])
    expect(() => diffRuns(journal, {} as never)).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }))
  })
})
