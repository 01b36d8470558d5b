import { describe, expect, it } from 'vitest'
import { createKernel, fork, ramRecords, readRun, replay, type Agent, type RunJournal } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { ask, callsOf, recorded } from './replayed-agents.js'

const inTurn: Agent<string, string> = async (sys, question) => {
  let text = question
  for (let turn = 0; turn < 3; turn += 1) text = (await sys.llm.chat(ask(text))).text
  return text
}

async function original(): Promise<RunJournal> {
  return (await recorded(inTurn, 'q', { llm: scriptedCore(['a', 'b', 'c']) })).journal
}

describe('a fork', () => {
  it('goes through what came before, makes the call again, and goes on live', async () => {
    const forked = fork(await original(), { at: 3 })
    expect(forked.header).toMatchObject({ runId: 'r/fork-3', state: 'running', endedAt: undefined })
    const core = scriptedCore(['B', 'C'])
    const kernel = await createKernel({ llm: core, journal: true })
    expect(await kernel.run(inTurn, 'q', { replay: forked })).toBe('C')
    expect(core.requests.map(({ messages }) => messages[0]?.content)).toEqual(['a', 'B'])
    await kernel.close()
  })

  it('gives the call another result', async () => {
    const journal = await original()
    const forked = fork(journal, { at: 3, patch: { result: { text: 'patched' } } })
    const core = scriptedCore(['C'])
    const kernel = await createKernel({ llm: core, journal: true })
    expect(await kernel.run(inTurn, 'q', { replay: forked })).toBe('C')
    expect(core.requests.map(({ messages }) => messages[0]?.content)).toEqual(['patched'])
    await kernel.close()
  })

  it('gives the call an error', async () => {
    const error = Object.assign(new Error('busy'), { code: 'EBUSY' })
    const forked = fork(await original(), { at: 2, patch: { error } })
    expect(await replay(forked, inTurn)).toMatchObject({ outcome: 'threw', error: { message: 'busy', code: 'EBUSY' } })
  })

  it('leaves the run that was forked as it was', async () => {
    const journal = await original()
    const before = JSON.stringify(journal)
    fork(journal, { at: 3, patch: { result: 1 } })
    expect(JSON.stringify(journal)).toBe(before)
  })

  it('holds the copied lines in a journal of its own, from which it is resumed', async () => {
    const journal = await original()
    const forked = fork(journal, { at: 4 })
    const records = ramRecords()
    const before = await createKernel({
      llm: scriptedCore([{ text: 'late', latencyMs: 60_000 }]),
      records,
      journal: true,
    })
    const running = before.run(inTurn, 'q', { replay: forked, runId: 'what-if' })
    running.catch(() => undefined)
    while (before.stats().lanes.find(({ lane }) => lane.startsWith('llm'))?.started !== 1)
      await new Promise((resolve) => setImmediate(resolve))
    await before.close()
    const after = await createKernel({ llm: scriptedCore(['C']), records, journal: true })
    const kept = await readRun(records, 'what-if')
    expect(callsOf(kept).map(({ n, path, digest }) => [n, path, digest])).toEqual(
      callsOf(journal)
        .slice(0, 2)
        .map(({ n, path, digest }) => [n, path, digest]),
    )
    expect(await after.run(inTurn, 'q', { runId: 'what-if' })).toBe('C')
    expect(await after.run(inTurn, 'q', { runId: 'what-if', replay: forked })).toBe('C')
    const whole = await readRun(records, 'what-if')
    expect(whole.lines.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
    expect(await replay(whole, inTurn)).toMatchObject({ outcome: 'fulfilled', value: 'C' })
    await after.close()
  })

  it('numbers what it does live after the copied lines', async () => {
    const journal = await original()
    const kernel = await createKernel({ llm: scriptedCore(['B', 'C']), journal: true })
    await kernel.run(inTurn, 'q', { replay: fork(journal, { at: 3 }), runId: 'straight' })
    const { lines } = await kernel.readRun('straight')
    expect(lines.map(({ n, path, kind }) => [n, path, kind])).toEqual(
      journal.lines.map(({ n, path, kind }) => [n, path, kind]),
    )
    await kernel.close()
  })

  it('can be forked again', async () => {
    const forked = fork(fork(await original(), { at: 4 }), { at: 2, patch: { error: new Error('no') }, runId: 'again' })
    expect(forked.header.runId).toBe('again')
    expect(forked.lines.map(({ n, kind }) => [n, kind])).toEqual([
      [1, 'start'],
      [2, 'call'],
    ])
  })

  it('starts children again with their pids, also beside another fork of the same run in turn', async () => {
    const parent: Agent<string, unknown> = async (sys, question) => {
      const { pid } = await sys.agent.spawn({ agent: inTurn, input: question, name: 'child' })
      return { pid, root: sys.pid, text: await sys.agent.wait({ pid }) }
    }
    const { journal, value } = await recorded(parent, 'q', { llm: scriptedCore(['a', 'b', 'c']) })
    const last = callsOf(journal).findLast(({ row }) => row === 'llm.chat')?.n ?? 0
    const kernel = await createKernel({ llm: scriptedCore(['x', 'y']), journal: true })
    expect(await kernel.run(parent, 'q', { replay: fork(journal, { at: last }) })).toEqual({
      ...(value as object),
      text: 'x',
    })
    expect(await kernel.run(parent, 'q', { replay: fork(journal, { at: last }) })).toEqual({
      ...(value as object),
      text: 'y',
    })
    const roots = kernel.ps().filter(({ parentPid }) => parentPid === 0)
    expect(roots.map(({ pid }) => pid)).toEqual([journal.header.pid])
    await kernel.close()
  })

  it('is refused by its agent when a process with the pid of a child lives', async () => {
    const parent: Agent<string, unknown> = async (sys) => {
      await sys.agent.spawn({ agent: (own) => own.agent.receive(), input: '', name: 'child' })
      return (await sys.llm.chat(ask('q'))).text
    }
    const { journal } = await recorded(parent, '', { llm: scriptedCore(['a']) })
    const last = callsOf(journal).findLast(({ row }) => row === 'llm.chat')?.n ?? 0
    const kernel = await createKernel({ llm: scriptedCore([{ text: 'x', latencyMs: 50 }, 'y']), journal: true })
    const results = await Promise.allSettled(
      [1, 2].map(() => kernel.run(parent, '', { replay: fork(journal, { at: last }) })),
    )
    expect(results).toMatchObject([
      { status: 'fulfilled', value: 'x' },
      { status: 'rejected', reason: { code: 'AIOS_INVALID_OPTION' } },
    ])
    await kernel.close()
  })

  it('is refused before it begins when a process of this kernel has the pid of a child, and runs once that is gone', async () => {
    const parent: Agent<string, unknown> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: (own) => own.agent.receive(), input: '', name: 'child' })
      await sys.agent.send({ to: pid, message: 'go' })
      return (await sys.llm.chat(ask('q'))).text
    }
    const { journal } = await recorded(parent, '', { llm: scriptedCore(['a']) })
    const last = callsOf(journal).findLast(({ row }) => row === 'llm.chat')?.n ?? 0
    const core = scriptedCore(['x'])
    const kernel = await createKernel({ llm: core, journal: true })
    const other: Agent<unknown, unknown> = (sys) => sys.agent.receive()
    const [first, second] = [kernel.spawn(() => 1, ''), kernel.spawn(other, '')]
    await first.result
    expect([first.pid, second.pid]).toEqual([journal.header.pid, journal.header.pid + 1])
    expect(() => kernel.spawn(parent, '', { replay: fork(journal, { at: last }) })).toThrow(
      expect.objectContaining({
        code: 'AIOS_INVALID_OPTION',
        message: expect.stringContaining(`no process with the pid ${second.pid}`) as string,
      }),
    )
    expect(core.requests).toEqual([])
    second.kill()
    await second.result.catch(() => undefined)
    expect(await kernel.run(parent, '', { replay: fork(journal, { at: last }) })).toBe('x')
    await kernel.close()
  })

  it('makes a call again that was on its device, though it must not be made twice in one run', async () => {
    const journal = await original()
    const [start, first] = journal.lines
    const call = callsOf(journal)[0]
    const tool = { ...call, kind: 'open', n: 2, path: '2', row: 'tool.call', intent: true, dueAt: undefined } as never
    const lines = [start, tool, { ...first, n: 3 }] as RunJournal['lines']
    const open = { header: { ...journal.header, state: 'running' as const }, lines }
    expect(fork(open, { at: 3, patch: { result: 1 } }).lines[1]).toMatchObject({ kind: 'open', intent: false })
    const settled = { ...open, lines: [...lines.slice(0, 2), { ...call, n: 3, path: '2' }, { ...call, n: 4 }] as never }
    expect(fork(settled, { at: 4 }).lines[1]).toMatchObject({ kind: 'open', intent: true })
    expect(fork(settled, { at: 3 }).lines).toHaveLength(1)
  })

  it('leaves out the parts of a streamed answer that it replaces', async () => {
    const stream: Agent<string, unknown> = async (sys, question) => {
      const parts = []
      const answer = sys.llm.stream(ask(question))
      for await (const part of answer) parts.push(part)
      return { parts, text: (await answer.result).text }
    }
    const { journal } = await recorded(stream, 'q', { llm: scriptedCore(['one two']) })
    const at = callsOf(journal)[0]?.n ?? 0
    const forked = fork(journal, { at, patch: { result: { text: 'other' } } })
    expect(await replay(forked, stream)).toMatchObject({ value: { parts: [], text: 'other' } })
  })

  it.each([
    ['the start', { at: 1 }, 'got 1, a line of kind "start"; its calls end at 2, 3, 4'],
    ['a line that is not there', { at: 17 }, 'got 17 of 5 lines'],
    ['no line', { at: 0 }, 'Expected a whole number from 1 for "at", got 0'],
    [
      'a patch of both',
      { at: 2, patch: { result: 1, error: 2 } },
      'Expected either { result } or { error } for "patch"',
    ],
    ['an unknown key', { at: 2, path: '1' }, 'got "path"'],
  ])('refuses %s', async (_what, options, message) => {
    const journal = await original()
    expect(() => fork(journal, options)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) as string }),
    )
  })

  it('refuses a result that cannot be kept, and a result in the place of a child', async () => {
    const journal = await original()
    expect(() => fork(journal, { at: 2, patch: { result: () => 1 } })).toThrow(
      expect.objectContaining({ code: 'AIOS_NOT_CLONEABLE' }),
    )
    const spawn = { ...callsOf(journal)[0], row: 'agent.spawn' } as never
    const lines = [journal.lines[0], spawn] as RunJournal['lines']
    const run = { header: { ...journal.header, state: 'running' as const }, lines }
    expect(() => fork(run, { at: 2, patch: { result: { pid: 1 } } })).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
  })
})

describe('the option replay of a process', () => {
  it('needs a journal, a root, and a journal to go through', async () => {
    const journal = await original()
    const without = await createKernel()
    expect(() => without.spawn(inTurn, 'q', { replay: journal })).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
    await without.close()
    const kernel = await createKernel({ journal: true })
    expect(() => kernel.spawn(inTurn, 'q', { replay: {} as never })).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
    expect(() => kernel.spawn(inTurn, 'q', { replay: { ...journal, lines: journal.lines.slice(1) } })).toThrow(
      expect.objectContaining({ code: 'AIOS_CORRUPT' }),
    )
    await expect(
      kernel.run((sys) => sys.agent.spawn({ agent: inTurn, input: 'q', replay: journal }), ''),
    ).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await kernel.close()
  })
})
