import { describe, expect, it } from 'vitest'
import { defineSyscall, ramRecords, replay, type Agent, type Sys } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { z } from 'zod'
import { liveOn } from './next-life.js'

const HOUR = 3_600_000
const listens: Agent<unknown, unknown> = async (sys) => {
  const { from, message } = await sys.agent.receive()
  return { from, message }
}
const waits: Agent<unknown, never> = () => new Promise<never>(() => undefined)

describe('messages from outside of a run', () => {
  it('that were not received come again, with who sent them', async () => {
    const records = ramRecords()
    const late: Agent<unknown, unknown> = async (sys) => {
      await sys.random.next()
      await sys.clock.sleep({ ms: 10_000 })
      return listens(sys, undefined)
    }
    const first = await liveOn(records, late)
    const host = first.kernel.sys({ name: 'host' })
    await host.agent.send({ to: first.process.pid, message: { n: 1 } })
    expect((await first.die()).lines.map(({ kind }) => kind)).toContain('mail')
    const second = await liveOn(records, late)
    await second.kernel.clock.advance(20_000)
    expect(await second.process.result).toEqual({ from: host.pid, message: { n: 1 } })
  })

  it('that were received are not delivered twice', async () => {
    const records = ramRecords()
    const heard: unknown[] = []
    const twice: Agent<unknown, unknown> = async (sys) => {
      const first = await sys.agent.receive()
      heard.push(first.message)
      return [first.message, (await sys.agent.receive()).message]
    }
    const first = await liveOn(records, twice)
    await first.kernel.sys().agent.send({ to: first.process.pid, message: 'one' })
    await first.die()
    const second = await liveOn(records, twice)
    await second.kernel.clock.advance(5_000)
    expect(second.process.state).not.toBe('exited')
    await second.kernel.sys().agent.send({ to: second.process.pid, message: 'two' })
    expect(await second.process.result).toEqual(['one', 'two'])
    expect(heard).toEqual(['one', 'one'])
  })

  it('to a process of the run that has ended since go nowhere', async () => {
    const records = ramRecords()
    let child = 0
    const parent: Agent<unknown, unknown> = async (sys) => {
      ;({ pid: child } = await sys.agent.spawn({ agent: waits, name: 'child' }))
      await sys.agent.wait({ pid: child }).catch(() => undefined)
      await sys.random.next()
      return waits(sys, undefined)
    }
    const first = await liveOn(records, parent)
    await first.kernel.sys().agent.send({ to: child, message: 'never read' })
    first.kernel.ps().find(({ pid }) => pid === child)
    await first.kernel.sys({ name: 'killer' }).agent.send({ to: child, message: 'nor this' })
    await first.die()
    const second = await liveOn(records, parent)
    await second.kernel.clock.advance(5_000)
    expect(second.process.state).not.toBe('exited')
  })
})

describe('children of a run', () => {
  it('that a deadline ended end again at the same place, and replay so', async () => {
    const records = ramRecords()
    const parent: Agent<unknown, unknown> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: waits, name: 'child', deadlineMs: 20 })
      const { code } = await sys.agent.wait({ pid }).then(
        () => ({ code: 'none' }),
        (error: unknown) => error as { readonly code: string },
      )
      await sys.clock.sleep({ ms: 10_000 })
      return code
    }
    const first = await liveOn(records, parent)
    const journal = await first.die()
    expect(journal.lines.map(({ kind }) => kind)).toContain('kill')
    const second = await liveOn(records, parent)
    await second.kernel.clock.advance(20_000)
    expect(await second.process.result).toBe('AIOS_AGENT_FAILED')
    expect(await replay(await second.kernel.readRun('r'), parent)).toMatchObject({ value: 'AIOS_AGENT_FAILED' })
  })

  it('have their deadline from when they were spawned first, and those that are spawned later from then', async () => {
    const records = ramRecords()
    const codes: string[] = []
    const parent: Agent<unknown, unknown> = async (sys) => {
      const wait = async (deadlineMs: number): Promise<void> => {
        const { pid } = await sys.agent.spawn({ agent: waits, name: 'child', deadlineMs })
        await sys.agent.wait({ pid }).catch((error: unknown) => codes.push((error as { readonly code: string }).code))
      }
      await wait(HOUR)
      await wait(HOUR)
      return codes.length
    }
    const first = await liveOn(records, parent)
    await first.kernel.clock.advance(HOUR / 2)
    await first.die()
    codes.length = 0
    const second = await liveOn(records, parent, { clock: virtualClock(HOUR / 2) })
    await second.kernel.clock.advance(HOUR / 2)
    expect(codes).toEqual(['AIOS_AGENT_FAILED'])
    await second.kernel.clock.advance(HOUR - 1_000)
    expect(codes).toHaveLength(1)
    await second.kernel.clock.advance(2_000)
    expect(codes).toHaveLength(2)
  })

  it('of a tool come back with it where the tool may run again', async () => {
    const records = ramRecords()
    const outer = defineTool({
      name: 'outer',
      description: 'Has a child do it.',
      input: z.object({}),
      idempotent: true,
      execute: async (_, { sys }) => {
        const { pid } = await sys.agent.spawn({ agent: async (own) => (await own.llm.chat(ask)).text, name: 'helper' })
        const text = await sys.agent.wait({ pid })
        await sys.clock.sleep({ ms: 10_000 })
        return text
      },
    })
    const ask = { messages: [{ role: 'user' as const, content: 'x' }] }
    const agent: Agent<unknown, unknown> = async (sys) => (await sys.tool.call({ name: 'outer', input: {} })).output
    const first = await liveOn(records, agent, { llm: scriptedCore(['said']), tools: tools([outer]) })
    await first.die()
    const second = await liveOn(records, agent, { llm: scriptedCore([]), tools: tools([outer]) })
    await second.kernel.clock.advance(20_000)
    expect(await second.process.result).toBe('said')
  })

  it('that a tool starts through the kernel run under it, and are numbered among its calls', async () => {
    const records = ramRecords()
    const starts = defineTool({
      name: 'starts',
      description: 'Starts an agent as code outside would.',
      input: z.object({}),
      execute: async (_, { sys }) => {
        await sys.random.next()
        const started = life.kernel.spawn(async (own: Sys) => own.random.int({ min: 4, max: 4 }), '', { name: 'inner' })
        return started.result
      },
    })
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.clock.sleep({ ms: 1_000 })
      return (await sys.tool.call({ name: 'starts', input: {} })).output
    }
    const life = await liveOn(records, agent, { tools: tools([starts]) })
    await life.kernel.clock.advance(2_000)
    expect(await life.process.result).toBe(4)
    const { lines } = await life.kernel.readRun('r')
    expect(lines.map((line) => ('row' in line ? `${line.row} ${line.path}` : line.kind))).toContain('random.int 2.2.1')
  })
})

describe('a process that was suspended and resumed', () => {
  it('goes on in the next life, as it did in the last', async () => {
    const records = ramRecords()
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.clock.sleep({ ms: 1_000 })
      return 'up'
    }
    const first = await liveOn(records, agent)
    first.process.suspend()
    await first.kernel.clock.advance(10)
    first.process.resume()
    const { lines } = await first.die()
    expect(lines.flatMap(({ kind }) => (kind === 'suspend' || kind === 'resume' ? [kind] : []))).toEqual([
      'suspend',
      'resume',
    ])
    const second = await liveOn(records, agent)
    await second.kernel.clock.advance(5_000)
    expect(await second.process.result).toBe('up')
  })
})

describe('a tool that may run again', () => {
  it('gets the same key in every life of the run, another for each call, and none where nothing is recorded', async () => {
    const records = ramRecords()
    const keys: (string | undefined)[] = []
    let hangs = true
    const pay = defineTool({
      name: 'pay',
      description: 'Pays once for each key.',
      input: z.object({ amount: z.number() }),
      idempotent: true,
      execute: async ({ amount }, { key }) => {
        keys.push(key)
        if (amount === 2 && hangs) await new Promise<never>(() => undefined)
        return amount
      },
    })
    const agent: Agent<unknown, unknown> = async (sys) => {
      for (const amount of [1, 2, 3]) await sys.tool.call({ name: 'pay', input: { amount } })
      return 'paid'
    }
    const first = await liveOn(records, agent, { tools: tools([pay]) })
    await first.die()
    hangs = false
    const second = await liveOn(records, agent, { tools: tools([pay]) })
    expect(await second.process.result).toBe('paid')
    expect(keys).toEqual(['r/1', 'r/2', 'r/2', 'r/3'])
    await second.kernel.sys().tool.call({ name: 'pay', input: { amount: 9 } })
    expect(keys.at(-1)).toBeUndefined()
  })
})

describe('a value that throws when it is read', () => {
  it('reaches the agent, and cannot be resumed past', async () => {
    const records = ramRecords()
    const odd = defineSyscall({
      name: 'odd.make',
      request: z.object({}),
      execute: () => ({
        get secret(): never {
          throw new Error('closed')
        },
      }),
    })
    const agent: Agent<unknown, unknown> = async (sys) => Object.keys((await sys.call('odd.make', {})) as object)
    const life = await liveOn(records, agent, { syscalls: [odd] })
    expect(await life.process.result).toEqual(['secret'])
    const { lines } = await life.kernel.readRun('r')
    expect(lines.find((line) => line.kind === 'call')).toMatchObject({ result: { codec: 'x', why: 'not-cloneable' } })
  })
})
