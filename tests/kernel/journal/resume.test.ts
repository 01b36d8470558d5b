import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, readRun, type Agent, type Kernel } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { tools } from '@aios/tools'

const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})

async function kernelOn(records: ReturnType<typeof ramRecords>, answers: readonly string[]): Promise<Kernel> {
  return createKernel({ llm: scriptedCore([...answers]), records, journal: true })
}

const two: Agent<string, string> = async (sys, question) => {
  const first = await sys.llm.chat(ask(question))
  const second = await sys.llm.chat(ask(`${first.text}?`))
  return `${first.text} ${second.text}`
}

describe('a run with an id', () => {
  it('returns its finished answer when it is asked for again, without a device', async () => {
    const records = ramRecords()
    const before = await kernelOn(records, ['one', 'two'])
    expect(await before.run(two, 'q', { runId: 'r1' })).toBe('one two')
    await before.close()

    const after = await createKernel({ records, journal: true })
    expect(await after.run(two, 'q', { runId: 'r1' })).toBe('one two')
    await after.close()
  })

  it('began when it was started first, however often it was taken up', async () => {
    const records = ramRecords()
    await records.open()
    const clock = virtualClock()
    const sleeps: Agent<unknown, string> = async (sys) => {
      await sys.clock.sleep({ ms: 5_000 })
      return 'awake'
    }
    const took: number[] = []
    for (const ms of [1_000, 1_000, 60_000]) {
      const kernel = await createKernel({ records, journal: true, clock })
      const running = kernel.run(sleeps, 'x', { runId: 'r' })
      running.catch(() => undefined)
      for (let at = 0; at < ms; at += 100) await clock.advance(100)
      await kernel.close()
      const { header, lines } = await readRun(records, 'r')
      expect(header.createdAt).toBe(lines[0]?.at)
      took.push((header.endedAt ?? 0) - header.createdAt)
    }
    expect(took.at(-1)).toBe(5_000)
    await records.close()
  })

  it('goes on where it was when its kernel was closed in its midst', async () => {
    const records = ramRecords()
    const before = await kernelOn(records, ['one', 'two'])
    let arrived: (() => void) | undefined
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const stuck: Agent<string, string> = async (sys, question) => {
      const first = await sys.llm.chat(ask(question))
      arrived?.()
      await new Promise(() => undefined)
      return first.text
    }
    const running = before.run(stuck, 'q', { runId: 'r2' })
    running.catch(() => undefined)
    await there
    await before.close()
    await expect(running).rejects.toMatchObject({ code: 'AIOS_CLOSED' })

    const after = await kernelOn(records, ['second'])
    expect(await after.run(two, 'q', { runId: 'r2' })).toBe('one second')
    await after.close()
  })

  it('tells calls that ask the same apart by their place, also where the first of them left no line', async () => {
    const agent: Agent<string, readonly string[]> = async (sys) =>
      Promise.all(
        ['first', 'second'].map(async (place) => {
          const { text } = await sys.llm.chat(ask('same'))
          const next = await sys.llm.chat(ask(`${place} heard ${text}`))
          return `${place} ${text} ${next.text}`
        }),
      )
    const core = scriptedCore([
      { text: 'slow', latencyMs: 1_000 },
      { text: 'quick', latencyMs: 1 },
      ...['x', 'y'].map((text) => ({ text, latencyMs: 1 })),
    ])
    const clock = virtualClock()
    const before = await createKernel({ llm: core, records: ramRecords(), journal: true, clock })
    const whole = before.run(agent, 'x', { runId: 'whole' })
    await clock.advance(5_000)
    expect(await whole).toEqual(['first slow y', 'second quick x'])
    const journal = await before.readRun('whole')
    await before.close()

    // The life that ended after the second was answered, and had gone on, and before the first was.
    const slow = journal.lines.findIndex((line) => line.kind === 'call' && line.endedAt === 1_000)
    const lines = journal.lines.slice(0, slow)
    const after = await kernelOn(ramRecords(), ['late', 'end'])
    expect(await after.run(agent, 'x', { replay: { header: { ...journal.header, state: 'running' }, lines } })).toEqual(
      ['first late end', 'second quick x'],
    )
    await after.close()
  })

  it('gives what is recorded to whoever asks for it, where the agent makes its calls in another order than it did', async () => {
    const agentOf = (order: readonly string[]): Agent<string, readonly string[]> => {
      return async (sys) => {
        const heard = new Map(order.map((text) => [text, sys.llm.chat(ask(text))]))
        return [(await heard.get('a')!).text, (await heard.get('b')!).text]
      }
    }
    const clock = virtualClock()
    const core = scriptedCore([
      { text: 'A', latencyMs: 1_000 },
      { text: 'B', latencyMs: 1 },
    ])
    const before = await createKernel({ llm: core, records: ramRecords(), journal: true, clock })
    const whole = before.run(agentOf(['a', 'b']), 'x', { runId: 'whole' })
    await clock.advance(5_000)
    await whole
    const journal = await before.readRun('whole')
    await before.close()

    const lines = journal.lines.filter((line) => line.kind === 'start' || (line.kind === 'call' && line.endedAt === 1))
    const numbered = lines.map((line, index) => ({ ...line, n: index + 1 }))
    const header = { ...journal.header, state: 'running' as const }
    const after = await createKernel({
      llm: scriptedCore(['new']),
      records: ramRecords(),
      journal: true,
      limits: { replayIdleMs: 40 },
    })
    expect(await after.run(agentOf(['b', 'a']), 'x', { replay: { header, lines: numbered } })).toEqual(['new', 'B'])
    await after.close()
  })

  it('delivers what is new only after all that is recorded', async () => {
    const records = ramRecords()
    const order: string[] = []
    const agent: Agent<string, readonly string[]> = async (sys) => {
      order.length = 0
      const all = sys.tool.callAll({ calls: [{ id: '1', name: 'nobody' }] }).then(() => order.push('all'))
      const chat = sys.llm.chat(ask('b')).then(() => order.push('chat'))
      await Promise.all([all, chat])
      return [...order]
    }
    const before = await createKernel({ llm: scriptedCore(['b']), tools: tools([]), records, journal: true })
    expect(await before.run(agent, 'x', { runId: 'whole' })).toEqual(['all', 'chat'])
    const whole = await before.readRun('whole')
    await before.close()

    // The life that ended before the tools were told of, but after the answer of the model.
    const kept = whole.lines.filter(
      (line) => line.kind !== 'end' && !(line.kind === 'call' && line.row === 'tool.callAll'),
    )
    const lines = kept.map((line, index) => ({ ...line, n: index + 1 }))
    const after = await createKernel({ tools: tools([]), records: ramRecords(), journal: true })
    expect(await after.run(agent, 'x', { replay: { header: { ...whole.header, state: 'running' }, lines } })).toEqual([
      'chat',
      'all',
    ])
    await after.close()
  })
})
