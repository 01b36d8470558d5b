import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, readRun, replay, type Agent, type RunJournal, type StreamPart } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { ask, callsOf, recorded } from './replayed-agents.js'

const sum = { input: { total: 3 }, output: { total: 2 } }
const core = (...answers: readonly string[]) => ({ llm: scriptedCore(answers.map((text) => ({ text, usage: sum }))) })

const inTurn: Agent<string, unknown> = async (sys, question) => {
  const first = await sys.llm.chat(ask(question))
  const second = await sys.llm.chat(ask(`${first.text}?`))
  return { first, second, pid: sys.pid }
}

const atOnce: Agent<readonly string[], readonly string[]> = async (sys, questions) => {
  const order: string[] = []
  await Promise.all(
    questions.map(async (question) => {
      const { text } = await sys.llm.chat(ask(question))
      order.push(`${question}: ${text}`)
    }),
  )
  return order
}

const family: Agent<readonly string[], unknown> = async (sys, names) => {
  const child: Agent<string, string> = async (own, name) => {
    const { message } = await own.agent.receive()
    const { text } = await own.llm.chat(ask(`${name}: ${String(message)}`))
    await own.agent.send({ to: sys.pid, message: { name, text } })
    return text
  }
  const children = await Promise.all(names.map((name) => sys.agent.spawn({ agent: child, input: name, name })))
  for (const { pid, name } of children) await sys.agent.send({ to: pid, message: `hello ${name}` })
  const heard = []
  for (const each of children) heard.push((await sys.agent.receive({ from: each.pid })).message)
  const ends = await Promise.all(children.map(({ pid }) => sys.agent.wait({ pid })))
  return { children, heard, ends }
}

const streaming: Agent<string, unknown> = async (sys, question) => {
  const parts: StreamPart[] = []
  const stream = sys.llm.stream(ask(question))
  for await (const part of stream) parts.push(part)
  const dropped = await sys.llm.stream(ask('again')).result
  return { parts, reply: await stream.result, dropped }
}

async function expectSame<I, O>(agent: Agent<I, O>, input: I, options: Parameters<typeof recorded>[2]): Promise<void> {
  const { journal, value, error } = await recorded(agent, input, options)
  expect(error).toBeUndefined()
  const again = await replay(journal, agent)
  expect(again.outcome).toBe('fulfilled')
  expect(again.lines).toBe(journal.lines.length)
  expect(JSON.stringify(again.outcome === 'fulfilled' && again.value)).toBe(JSON.stringify(value))
}

describe('the replay of a finished run', () => {
  it('comes to the same value, byte for byte, without any device', () => expectSame(inTurn, 'q', core('one', 'two')))

  it('delivers what settled at once in the order in which it settled then', async () => {
    const questions = Array.from({ length: 20 }, (_, index) => `q${index}`)
    const answers = questions.map((text, index) => ({ text, latencyMs: (index * 7) % 11 }))
    await expectSame(atOnce, questions, { llm: scriptedCore(answers) })
  })

  it('runs children again, with their pids, messages and ends', () =>
    expectSame(family, ['a', 'b', 'c'], core('1', '2', '3')))

  it('runs children again whose first calls were answered while they were spawned', async () => {
    const hasty: Agent<string, number[]> = async (own) => {
      const times = await Promise.all([own.clock.now(), own.clock.now()])
      return [...times, await own.random.int({ min: 1, max: 1_000_000 })]
    }
    const parent: Agent<string, unknown> = async (sys) => {
      const children = await Promise.all(['a', 'b'].map((input) => sys.agent.spawn({ agent: hasty, input })))
      return Promise.all(children.map(({ pid }) => sys.agent.wait({ pid })))
    }
    await expectSame(parent, 'q', {})
  })

  it('delivers the recorded parts of streams', () => expectSame(streaming, 'q', core('a longer answer', 'short')))

  it('rejects calls that rejected, with the same error', async () => {
    const failing: Agent<string, unknown> = async (sys, path) => {
      try {
        return await sys.storage.read({ path })
      } catch (error) {
        return {
          name: (error as Error).name,
          message: (error as Error).message,
          code: (error as { code: string }).code,
        }
      }
    }
    await expectSame(failing, 'a.txt', {})
  })

  it('throws what the agent threw', async () => {
    const throwing: Agent<string, never> = async (sys, question) => {
      throw new Error((await sys.llm.chat(ask(question))).text)
    }
    const { journal } = await recorded(throwing, 'q', core('no'))
    expect(await replay(journal, throwing)).toMatchObject({ outcome: 'threw', error: { message: 'no' } })
  })

  it('ends a killed run as it was killed, without letting the agent act on it', async () => {
    let afterwards = 0
    const patient: Agent<string, unknown> = async (sys) => {
      await sys.llm.chat(ask('one'))
      await Promise.all([sys.agent.receive(), sys.agent.receive()]).catch(() => (afterwards += 1))
      return sys.llm.chat(ask('never'))
    }
    const { journal, error } = await killedRun(patient)
    afterwards = 0
    expect(await replay(journal, patient)).toEqual({ outcome: 'killed', error, lines: journal.lines.length })
    expect(afterwards).toBe(1)
  })

  it('rejects at once when the agent makes another call, and says where the nearest one differs', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const other: Agent<string, unknown> = async (sys, question) => {
      const first = await sys.llm.chat(ask(question))
      return sys.llm.chat(ask(`${first.text}!`))
    }
    await expect(replay(journal, other, { clock: virtualClock() })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining('messages[0].content was "one?", now "one!"') as string,
      details: {
        expected: { n: 3, path: '2', name: 'llm.chat', request: ask('one?') },
        got: { path: '3', name: 'llm.chat', request: ask('one!') },
        changes: [{ at: 'messages[0].content', before: '"one?"', after: '"one!"' }],
      },
    })
  })

  it('rejects at once when the agent makes fewer calls', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const short: Agent<string, unknown> = (sys, question) => sys.llm.chat(ask(question))
    await expect(replay(journal, short, { clock: virtualClock() })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining(
        'expected llm.chat (line 3, call 2), got the end of the agent, which returned',
      ) as string,
    })
  })

  it('rejects at once when the agent makes one call more', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const longer: Agent<string, unknown> = async (sys, question) => {
      await inTurn(sys, question)
      return sys.storage.list({ path: '.' })
    }
    await expect(replay(journal, longer, { clock: virtualClock() })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining('expected no further call, got storage.list') as string,
    })
  })

  it('gives an agent up that does nothing any more, after idleMs', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const clock = virtualClock()
    const stuck: Agent<string, unknown> = async (sys, question) => {
      await sys.llm.chat(ask(question))
      return new Promise(() => undefined)
    }
    let settled = false
    const replaying = replay(journal, stuck, { clock, idleMs: 500 })
    const done = () => (settled = true)
    replaying.then(done, done)
    await clock.advance(499)
    expect(settled).toBe(false)
    await clock.advance(2)
    await expect(replaying).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining('expected llm.chat (line 3, call 2), got no call') as string,
    })
  })

  it('waits for an agent that takes its time between calls', async () => {
    const slow: Agent<string, unknown> = async (sys, question) => {
      const first = await sys.llm.chat(ask(question))
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      return (await sys.llm.chat(ask(first.text))).text
    }
    await expectSame(slow, 'q', core('one', 'two'))
  })

  it('does not mind what a detached child had under way when the run ended', async () => {
    const orphan: Agent<string, unknown> = (sys) => sys.agent.receive()
    const parent: Agent<string, string> = async (sys) => {
      await sys.agent.spawn({ agent: orphan, input: '', name: 'orphan', detached: true })
      return (await sys.llm.chat(ask('q'))).text
    }
    await expectSame(parent, '', core('one'))
  })

  it('cannot go past a result that was redacted, and says so', async () => {
    const { journal } = await recorded(inTurn, 'q', {
      ...core('one', 'two'),
      journal: { redact: () => ({ result: true }) },
    })
    await expect(replay(journal, inTurn)).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining(
        'cannot be taken past llm.chat (line 2, call 1): This value was redacted',
      ) as string,
    })
  })

  it('matches calls whose request was redacted', () =>
    expectSame(inTurn, 'q', { ...core('one', 'two'), journal: { redact: () => ({ request: true }) } }))
})

/** Kills a root process in the middle of two waits. */
async function killedRun(agent: Agent<string, unknown>): Promise<{ journal: RunJournal; error: unknown }> {
  const records = ramRecords()
  const kernel = await createKernel({ ...core('1'), records, journal: true })
  const process = kernel.spawn(agent, '', { runId: 'k', name: 'patient' })
  const { result } = process
  while (kernel.ps().find(({ pid }) => pid === process.pid)?.calls.length !== 2)
    await new Promise((resolve) => setImmediate(resolve))
  process.kill('enough')
  const error: unknown = await result.catch((caught: unknown) => caught)
  const journal = await readRun(records, 'k')
  await kernel.close()
  return { journal, error }
}

describe('the replay up to a line', () => {
  it('stops after it, and tells what would have come next', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    expect(await replay(journal, inTurn, { until: 2 })).toEqual({
      outcome: 'stopped',
      lines: 2,
      waiting: [{ path: '2', name: 'llm.chat', request: ask('one?') }],
    })
  })

  it('stops before the first call at line 1', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    expect(await replay(journal, inTurn, { until: 1 })).toMatchObject({ outcome: 'stopped', waiting: [{ path: '1' }] })
  })

  it('stops in the midst of what settled at once', async () => {
    const { journal } = await recorded(atOnce, ['a', 'b', 'c'], core('1', '2', '3'))
    const stopped = await replay(journal, atOnce, { until: 3 })
    expect(stopped).toMatchObject({ outcome: 'stopped', lines: 3, waiting: [{}] })
  })

  it('is the whole run at its last line', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    expect(await replay(journal, inTurn, { until: journal.lines.length })).toMatchObject({ outcome: 'fulfilled' })
  })

  it.each([0, 99, 1.5])('refuses line %s', async (until) => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    await expect(replay(journal, inTurn, { until })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})

describe('the replay of a run that has not ended', () => {
  const cut = ({ header, lines }: RunJournal, count: number): RunJournal => ({
    header: { ...header, state: 'running', endedAt: undefined },
    lines: lines.slice(0, count),
  })

  it('stops at its end at once, and tells what would have gone live', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    expect(await replay(cut(journal, 2), inTurn, { clock: virtualClock() })).toEqual({
      outcome: 'stopped',
      lines: 2,
      waiting: [{ path: '2', name: 'llm.chat', request: ask('one?') }],
    })
  })

  it('comes to the value when only the last line is missing', async () => {
    const { journal, value } = await recorded(inTurn, 'q', core('one', 'two'))
    expect(await replay(cut(journal, 3), inTurn)).toEqual({ outcome: 'fulfilled', value, lines: 3 })
  })

  it('rejects another call in the place of a recorded one', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    await expect(replay(cut(journal, 2), (sys) => sys.llm.chat(ask('other')), { idleMs: 1 })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
    })
  })
})

describe('replay', () => {
  it('refuses a journal with a missing line', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const lines = journal.lines.filter(({ n }) => n !== 2)
    await expect(replay({ ...journal, lines }, inTurn)).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
      message: expect.stringContaining('line 2 is missing') as string,
    })
    await expect(replay({ ...journal, lines: [] }, inTurn)).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    await expect(replay({ ...journal, lines: journal.lines.slice(0, 3) }, inTurn)).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
    })
  })

  it('refuses a line whose result is damaged', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const lines = journal.lines.map((line) =>
      line.kind === 'call' ? { ...line, result: { codec: 'j' as const, text: '{"text' } } : line,
    )
    await expect(replay({ ...journal, lines }, inTurn)).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it('refuses what is no journal, no agent, and options it does not know', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const refused = { code: 'AIOS_INVALID_OPTION' }
    await expect(replay('r' as never, inTurn)).rejects.toMatchObject(refused)
    await expect(replay(journal, undefined as never)).rejects.toMatchObject(refused)
    await expect(replay(journal, inTurn, { untill: 2 } as never)).rejects.toMatchObject(refused)
    const traced = { ...journal, header: { ...journal.header, state: 'traced' as const } }
    await expect(replay(traced, inTurn)).rejects.toMatchObject(refused)
  })

  it('ends when its signal aborts', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const abort = new AbortController()
    const reason = new Error('enough')
    const replaying = replay(journal, () => new Promise(() => undefined), { signal: abort.signal })
    setImmediate(() => {
      abort.abort(reason)
    })
    await expect(replaying).rejects.toBe(reason)
    await expect(replay(journal, inTurn, { signal: abort.signal })).rejects.toBe(reason)
  })

  it('goes through a run as often as one likes, and changes nothing of it', async () => {
    const { journal } = await recorded(inTurn, 'q', core('one', 'two'))
    const before = JSON.stringify(journal)
    const all = await Promise.all([1, 2, 3].map(() => replay(journal, inTurn)))
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(JSON.stringify(journal)).toBe(before)
    expect(callsOf(journal)).toHaveLength(2)
  })
})
