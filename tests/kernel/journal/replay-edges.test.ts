import { describe, expect, it } from 'vitest'
import {
  defineSyscall,
  diffRuns,
  ramRecords,
  replay,
  type Agent,
  type JournalledCall,
  type RunJournal,
} from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { z } from 'zod'
import { liveOn } from './next-life.js'
import { ask, recorded } from './replayed-agents.js'

const forever = (): Promise<never> => new Promise<never>(() => undefined)

describe('a replay', () => {
  it('ends with the agent that throws though calls are left, and says what it threw', async () => {
    const chats: Agent<string, string> = async (sys) => (await sys.llm.chat(ask('q'))).text
    const { journal } = await recorded(chats, 'x', { llm: scriptedCore(['a']) })
    await expect(
      replay(journal, () => {
        throw new RangeError('too early')
      }),
    ).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining('the end of the agent, which threw: RangeError: too early') as string,
    })
  })

  it('leaves out what a tool did that had not come back, and tells that it waits for it', async () => {
    const slow = defineTool({
      name: 'slow',
      description: 'Asks, and never comes back.',
      input: z.object({}),
      execute: async (_, { sys }) => {
        await sys.random.next()
        return forever()
      },
    })
    const agent: Agent<unknown, unknown> = (sys) => sys.tool.call({ name: 'slow', input: {} })
    const life = await liveOn(ramRecords(), agent, { tools: tools([slow]) })
    const journal = await life.die()
    expect(journal.lines.some((line) => line.path === '1.1')).toBe(true)
    expect(await replay(journal, agent)).toMatchObject({
      outcome: 'stopped',
      waiting: [{ path: '1', name: 'tool.call', request: { name: 'slow', input: {} } }],
    })
  })

  it('tells of a call that waits with functions in its request, without them', async () => {
    const odd = defineSyscall({ name: 'odd.do', request: z.object({ act: z.any() }), execute: forever })
    const agent: Agent<unknown, unknown> = (sys) => sys.call('odd.do', { act: () => 1 })
    const life = await liveOn(ramRecords(), agent, { syscalls: [odd] })
    const stopped = await replay(await life.die(), agent, { syscalls: [odd] as never })
    expect(stopped).toMatchObject({ outcome: 'stopped', waiting: [{ name: 'odd.do', request: 'not-cloneable' }] })
  })

  it('charges nothing for a call whose core did not say what it used', async () => {
    const llm = { ...scriptedCore([{ text: 'a' }]), price: undefined }
    const chats: Agent<string, string> = async (sys) => (await sys.llm.chat(ask('q'))).text
    const { journal } = await recorded(chats, 'x', { llm })
    const usage = { input: {}, output: {} } as never
    const bare = journal.lines.map((line) => (line.kind === 'call' ? { ...line, usage, costUsd: undefined } : line))
    expect(await replay({ ...journal, lines: bare }, chats)).toMatchObject({ outcome: 'fulfilled', value: 'a' })
  })
})

describe('diffRuns', () => {
  const agent: Agent<number, unknown> = async (sys, times) => {
    await sys.storage.read({ path: `a${times}` }).catch(() => undefined)
    await sys.random.int({ min: times, max: times })
    if (times > 1) throw new Error('too many')
    return times
  }
  const run = async (
    times: number,
    redact?: (call: JournalledCall) => { result?: boolean; request?: boolean },
  ): Promise<RunJournal> => (await recorded(agent, times, redact === undefined ? {} : { journal: { redact } })).journal

  it('tells of errors, and of ends by one, as they were', async () => {
    const kinds = diffRuns(await run(1), await run(2)).map(({ kind, path }) => `${kind} ${path}`)
    expect(kinds).toEqual(expect.arrayContaining(['input ', 'request 1', 'end ']))
    expect(diffRuns(await run(2), await run(2))).toEqual([])
  })

  it('compares what was redacted by what is left of it: the name of the request, and that there was a result', async () => {
    const hide = (): { request: boolean; result: boolean } => ({ request: true, result: true })
    expect(diffRuns(await run(1, hide), await run(1, hide))).toEqual([])
    const found = diffRuns(await run(1), await run(1, hide))
    expect(found.flatMap(({ changes }) => changes.map(({ after }) => after))).toContain('"redacted"')
  })

  it('tells a run that has not ended from one that has', async () => {
    const whole = await run(1)
    const open: RunJournal = {
      header: { ...whole.header, state: 'running', endedAt: undefined },
      lines: whole.lines.slice(0, -1),
    }
    expect(diffRuns(whole, open).at(-1)).toMatchObject({ kind: 'end', lines: [4, 0] })
    expect(diffRuns(open, whole).at(-1)).toMatchObject({ kind: 'end', lines: [0, 4] })
    expect(diffRuns(open, open)).toEqual([])
  })
})
