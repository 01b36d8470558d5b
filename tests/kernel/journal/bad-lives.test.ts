import { describe, expect, it } from 'vitest'
import {
  createKernel,
  defineSyscall,
  ramRecords,
  readRun,
  type Agent,
  type Kernel,
  type KernelOptions,
  type UnknownCall,
} from '@aios/kernel'
import { AiosError, type RecordStore } from '@aios/kernel/driver'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { z } from 'zod'
import { settledTurns } from './settled-turns.js'

const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})
const forever = (): Promise<never> => new Promise<never>(() => undefined)

interface Bed {
  readonly kernel: Kernel
  readonly sent: string[]
}

/** Makes a kernel whose tool `send` hangs once it has sent to somebody whose name begins with `slow`. */
async function bed(records: RecordStore, options: Partial<KernelOptions> = {}): Promise<Bed> {
  const sent: string[] = []
  const send = defineTool({
    name: 'send',
    description: 'Sends a letter.',
    input: z.object({ to: z.string() }),
    execute: async ({ to }) => {
      sent.push(to)
      if (to.startsWith('slow')) await forever()
      return `sent to ${to}`
    },
  })
  const handle = defineSyscall({
    name: 'handle.make',
    request: z.object({}),
    effect: 'repeatable',
    execute: () => ({ act: () => 1 }),
  })
  const kernel = await createKernel({
    llm: scriptedCore(
      Array.from(
        { length: 100 },
        () =>
          ({ messages }) =>
            `said ${messages.at(-1)?.content as string}`,
      ),
    ),
    tools: tools([send]),
    syscalls: [handle],
    records,
    journal: true,
    limits: { replayIdleMs: 200, abandonAfterMs: 50, journalRetryMs: 300 },
    ...options,
  })
  return { kernel, sent }
}

describe('a call that must not be made twice, and was on its device at the kill', () => {
  const agent: Agent<string, unknown> = async (sys, to) => {
    await sys.llm.chat(ask('first'))
    const { output } = await sys.tool.call({ name: 'send', input: { to } })
    return output
  }

  async function halfWay(to: string): Promise<RecordStore> {
    const records = ramRecords()
    const { kernel, sent } = await bed(records)
    const run = kernel.run(agent, to, { runId: 'r', name: 'sender' })
    run.catch(() => undefined)
    while (sent.length === 0) await settledTurns()
    await kernel.close()
    return records
  }

  it('stops the run with AIOS_OUTCOME_UNKNOWN until somebody answers, again and again', async () => {
    const records = await halfWay('slow ada')
    const second = await bed(records)
    for (let time = 0; time < 2; time += 1) {
      await expect(second.kernel.run(agent, 'slow ada', { runId: 'r', name: 'sender' })).rejects.toMatchObject({
        code: 'AIOS_OUTCOME_UNKNOWN',
        details: { runId: 'r', path: '2', name: 'tool.call', request: { name: 'send', input: { to: 'slow ada' } } },
      })
    }
    expect(second.sent).toEqual([])
    expect((await second.kernel.readRun('r')).header).toMatchObject({
      state: 'running',
      halted: 'AIOS_OUTCOME_UNKNOWN',
    })
    await second.kernel.close()
  })

  it('is made again, taken as done, or given a result, as onUnknown says', async () => {
    for (const [answer, result, sends] of [
      ['retry', 'sent to ada', 1],
      ['skip', undefined, 0],
      [{ result: { name: 'local/send', output: 'it had arrived' } }, 'it had arrived', 0],
    ] as const) {
      const records = await halfWay('slow ada')
      const { kernel, sent } = await bed(records)
      const asked: UnknownCall[] = []
      const later: Agent<string, unknown> = async (sys, to) => {
        await sys.llm.chat(ask('first'))
        const reply = await sys.tool.call({ name: 'send', input: { to } })
        return (reply as typeof reply | undefined)?.output
      }
      const { processes } = await kernel.recover({
        agents: { sender: later },
        onUnknown: async (call) => {
          asked.push(call)
          await settledTurns()
          return answer
        },
      })
      const fate = processes[0]?.result
      if (answer === 'retry') {
        while (sent.length === 0) await settledTurns()
        processes[0]?.kill()
        await fate?.catch(() => undefined)
      } else {
        expect(await fate).toBe(result)
      }
      expect(sent).toHaveLength(sends)
      expect(asked).toMatchObject([{ runId: 'r', path: '2', name: 'tool.call', agent: 'sender' }])
      await kernel.close()
    }
  })

  it('stays unknown when onUnknown throws, or answers something else', async () => {
    for (const onUnknown of [
      () => {
        throw new Error('cannot say')
      },
      () => 'perhaps' as never,
    ]) {
      const records = await halfWay('slow ada')
      const { kernel } = await bed(records)
      const { processes } = await kernel.recover({ agents: { sender: agent }, onUnknown })
      await expect(processes[0]?.result).rejects.toMatchObject({ code: 'AIOS_OUTCOME_UNKNOWN' })
      await kernel.close()
    }
  })
})

describe('an agent that does not do what its journal holds', () => {
  it('halts with AIOS_REPLAY_DIVERGED, naming both calls, and its run stays open', async () => {
    const records = ramRecords()
    const first = await bed(records)
    const before: Agent<string, never> = async (sys, name) => {
      await sys.llm.chat(ask(name))
      await sys.llm.chat(ask('b'))
      return forever()
    }
    first.kernel.run(before, 'a', { runId: 'd' }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await first.kernel.close()
    const second = await bed(records)
    const other: Agent<string, unknown> = async (sys, name) => {
      await sys.llm.chat(ask(name))
      return sys.llm.chat(ask('something else'))
    }
    await expect(second.kernel.run(other, 'a', { runId: 'd' })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringMatching(
        /expected llm.chat \(line 3, call 2, .*got llm.chat \(call 3|got llm.chat/,
      ) as string,
      details: {
        expected: { n: 3, path: '2', request: ask('b') },
        got: { name: 'llm.chat', request: ask('something else') },
      },
    })
    const right: Agent<string, string> = async (sys, name) => {
      await sys.llm.chat(ask(name))
      return (await sys.llm.chat(ask('b'))).text
    }
    expect(await second.kernel.run(right, 'a', { runId: 'd' })).toBe('said b')
    await second.kernel.close()
  })

  it('may make its calls in another order, as long as it makes them', async () => {
    const records = ramRecords()
    const first = await bed(records)
    const before: Agent<string, never> = async (sys) => {
      await Promise.all([sys.llm.chat(ask('a')), sys.llm.chat(ask('b'))])
      return forever()
    }
    first.kernel.run(before, 'x', { runId: 'o' }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await first.kernel.close()
    const second = await bed(records)
    const after: Agent<string, string> = async (sys) => {
      const [b, a] = await Promise.all([sys.llm.chat(ask('b')), sys.llm.chat(ask('a'))])
      return `${a.text} ${b.text} ${(await sys.llm.chat(ask('c'))).text}`
    }
    expect(await second.kernel.run(after, 'x', { runId: 'o' })).toBe('said a said b said c')
    await second.kernel.close()
  })
})

describe('what cannot be kept', () => {
  it('goes to the agent as it is, and stops whoever resumes the run past it', async () => {
    const records = ramRecords()
    const first = await bed(records)
    const before: Agent<string, never> = async (sys) => {
      const output = await sys.call('handle.make', {})
      expect((output as { act: () => number }).act()).toBe(1)
      await sys.llm.chat(ask('after'))
      return forever()
    }
    first.kernel.run(before, 'x', { runId: 'h' }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await first.kernel.close()
    const second = await bed(records)
    await expect(second.kernel.run(before, 'x', { runId: 'h' })).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining('cannot be taken past handle.make (line 2, call 1)') as string,
    })
    await second.kernel.close()
  })

  it('is what somebody redacts: it can be traced, not resumed past', async () => {
    const records = ramRecords()
    const redacting = {
      journal: {
        redact: ({ name }: { name: string }) => (name === 'llm.chat' ? { request: true, result: true } : undefined),
      },
    }
    const first = await bed(records, redacting)
    const before: Agent<string, never> = async (sys) => {
      await sys.llm.chat(ask('the secret'))
      await sys.tool.call({ name: 'send', input: { to: 'ada' } })
      return forever()
    }
    first.kernel.run(before, 'x', { runId: 's' }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await first.kernel.close()
    await records.open()
    const run = await readRun(records, 's')
    await records.close()
    expect(JSON.stringify(run)).not.toContain('secret')
    expect(run.lines.map((line) => ('row' in line ? line.row : line.kind))).toEqual([
      ...['start', 'llm.chat', 'tool.call', 'tool.call'],
    ])
    const second = await bed(records, redacting)
    await expect(second.kernel.run(before, 'x', { runId: 's' })).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining('redacted') as string,
    })
    await second.kernel.close()
  })

  it('is kept out whole when the redactor throws', async () => {
    const records = ramRecords()
    const { kernel } = await bed(records, {
      journal: {
        redact: () => {
          throw new Error('no')
        },
      },
    })
    const failed: string[] = []
    kernel.on('driver:failed', ({ device }) => failed.push(device))
    await kernel.run(async (sys) => (await sys.llm.chat(ask('hidden thing'))).text, 'x', { runId: 't' })
    expect(JSON.stringify((await readRun(records, 't')).lines.slice(0, 2))).not.toContain('hidden')
    expect(failed).toContain('journal')
    await kernel.close()
  })
})

describe('large results', () => {
  it('are stored once however often they come, and come back whole', async () => {
    const records = ramRecords()
    const text = 'long '.repeat(2_000)
    const core = (): ReturnType<typeof scriptedCore> => scriptedCore(Array.from({ length: 60 }, () => text))
    const first = await bed(records, { llm: core() })
    const agent: Agent<number, string> = async (sys, turns) => {
      const messages: { role: 'user' | 'assistant'; content: string }[] = [{ role: 'user', content: 'go' }]
      for (let turn = 0; turn < turns; turn += 1) {
        const reply = await sys.llm.chat({ messages: [...messages] })
        messages.push({ role: 'assistant', content: reply.text }, { role: 'user', content: `more ${turn}` })
      }
      return messages.map(({ content }) => content).join('')
    }
    const whole = await first.kernel.run(agent, 50, { runId: 'long' })
    const { bytes } = await records.size()
    // Fifty requests of up to 500 KB in full would be 12 MB.
    expect(bytes).toBeLessThan(2_000_000)
    const { lines } = await readRun(records, 'long')
    expect(lines).toHaveLength(52)
    await first.kernel.close()
    const second = await bed(records)
    expect(await second.kernel.run(agent, 50, { runId: 'long' })).toBe(whole)
    await second.kernel.close()
  })

  it('may have a hundred megabytes', async () => {
    const records = ramRecords()
    const big = 'x'.repeat(100 * 1_048_576)
    const { kernel } = await bed(records, {
      tools: tools([
        defineTool({
          name: 'big',
          description: 'Returns much.',
          input: z.object({}),
          maxOutputChars: 200_000_000,
          execute: () => big,
        }),
      ]),
    })
    const agent: Agent<string, number> = async (sys) =>
      String((await sys.tool.call({ name: 'big', input: {} })).output).length
    expect(await kernel.run(agent, 'x', { runId: 'big' })).toBe(big.length)
    const { lines } = await readRun(records, 'big')
    expect(
      lines.some((line) => line.kind === 'call' && line.result.codec === 'j' && line.result.text.length > big.length),
    ).toBe(true)
    await kernel.close()
  }, 60_000)
})

describe('a store that fails', () => {
  function failing(records: RecordStore, fail: () => AiosError | undefined): RecordStore {
    return new Proxy(records, {
      get(target, key: keyof RecordStore) {
        if (key !== 'batch') {
          const member: unknown = target[key]
          return typeof member === 'function' ? (member.bind(target) as unknown) : member
        }
        return async (writes: Parameters<RecordStore['batch']>[0]) => {
          const error = fail()
          if (error !== undefined) throw error
          await target.batch(writes)
        }
      },
    })
  }
  const away = (): AiosError => new AiosError('AIOS_STORE_UNAVAILABLE', 'The store is away.')

  it('is waited for: what agents did meanwhile is written when it is back, in its order', async () => {
    const records = ramRecords()
    let isAway = false
    const { kernel, sent } = await bed(failing(records, () => (isAway ? away() : undefined)))
    const agent: Agent<string, string> = async (sys) => {
      await sys.llm.chat(ask('a'))
      isAway = true
      await sys.llm.chat(ask('b'))
      setTimeout(() => {
        isAway = false
      }, 100)
      await sys.tool.call({ name: 'send', input: { to: 'ada' } })
      expect(isAway).toBe(false)
      return 'done'
    }
    expect(await kernel.run(agent, 'x', { runId: 'w' })).toBe('done')
    expect(sent).toEqual(['ada'])
    expect((await readRun(records, 'w')).lines.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6])
    await kernel.close()
  })

  it('stops the runs when it stays away, without having sent anything that is not written, and they can be taken up later', async () => {
    const records = ramRecords()
    let isAway = false
    const first = await bed(failing(records, () => (isAway ? away() : undefined)))
    const agent: Agent<string, unknown> = async (sys) => {
      await sys.llm.chat(ask('a'))
      isAway = true
      return (await sys.tool.call({ name: 'send', input: { to: 'ada' } })).output
    }
    await expect(first.kernel.run(agent, 'x', { runId: 'w' })).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    expect(first.sent).toEqual([])
    await first.kernel.close()
    isAway = false
    const second = await bed(records)
    const after: Agent<string, unknown> = async (sys) => {
      await sys.llm.chat(ask('a'))
      return (await sys.tool.call({ name: 'send', input: { to: 'ada' } })).output
    }
    const { processes } = await second.kernel.recover({ agents: { agent: after } })
    expect(await processes[0]?.result).toBe('sent to ada')
    await second.kernel.close()
  })
})
