import { describe, expect, it } from 'vitest'
import { AiosError, ramRecords, type Agent, type RecordStore } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { z } from 'zod'
import { testBed } from '../test-bed.js'

/** Is a store whose commits a test can hold back, and let fail. */
interface Gate {
  readonly records: RecordStore
  shut(): void
  open(error?: AiosError): void
}

function gate(): Gate {
  const inner = ramRecords()
  let closed: Promise<void> | undefined
  let act: { readonly resolve: () => void; readonly reject: (error: AiosError) => void } | undefined
  const records = new Proxy(inner, {
    get(target, name: keyof RecordStore) {
      const member: unknown = target[name]
      if (typeof member !== 'function') return member
      const bound = member.bind(target) as (...given: unknown[]) => unknown
      return name === 'batch' ? async (...given: unknown[]) => (await closed, bound(...given)) : bound
    },
  })
  return {
    records,
    shut: () => {
      closed = new Promise<void>((resolve, reject) => (act = { resolve, reject }))
      closed.catch(() => undefined)
    },
    open: (error) => {
      closed = undefined
      if (error === undefined) act?.resolve()
      else act?.reject(error)
    },
  }
}

function sender(sent: string[]): ReturnType<typeof tools> {
  return tools([
    defineTool({
      name: 'send',
      description: 'Sends.',
      input: z.object({ to: z.string() }),
      execute: ({ to }) => void sent.push(to),
    }),
  ])
}

describe('a call that must be known of before its device has it', () => {
  it('never reaches its device when it is given up before the store holds it, and its slot comes back', async () => {
    const store = gate()
    const sent: string[] = []
    const kernel = await testBed({ records: store.records, journal: true, tools: sender(sent) })
    const stop = new AbortController()
    const process = kernel.spawn(async (sys) => {
      store.shut()
      const first = sys.tool.call({ name: 'send', input: { to: 'ada' } }, { signal: stop.signal }).catch(String)
      await sys.random.next()
      stop.abort('enough')
      store.open()
      await sys.tool.call({ name: 'send', input: { to: 'bob' } })
      return first
    }, 1)
    await kernel.clock.advance(100)
    expect(await process.result).toBe('enough')
    expect(sent).toEqual(['bob'])
    expect(kernel.stats().lanes.find(({ lane }) => lane === 'tool')).toMatchObject({ running: 0 })
  })

  it('is rejected when the store will never hold it', async () => {
    const store = gate()
    const sent: string[] = []
    const kernel = await testBed({ records: store.records, journal: true, tools: sender(sent) })
    store.shut()
    const result = kernel.run((sys) => sys.tool.call({ name: 'send', input: { to: 'ada' } }), 1)
    result.catch(() => undefined)
    await kernel.clock.advance(10)
    store.open(new AiosError('AIOS_QUOTA_EXCEEDED', 'full', { retryable: false }))
    store.shut()
    await kernel.clock.advance(60)
    store.open(new AiosError('AIOS_CORRUPT', 'gone'))
    await kernel.clock.advance(100)
    await expect(result).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    expect(sent).toEqual([])
  })
})

describe('agents that write faster than the store takes it', () => {
  it('wait once the buffer is full, and go on when there is room; one that gave up meanwhile is not called', async () => {
    const store = gate()
    const core = scriptedCore(['one', 'two', 'three'])
    const kernel = await testBed({
      records: store.records,
      journal: true,
      llm: core,
      limits: { journalBufferBytes: 1 },
    })
    const ask = (content: string): { messages: { role: 'user'; content: string }[] } => ({
      messages: [{ role: 'user', content }],
    })
    const stop = new AbortController()
    const seen: string[] = []
    const process = kernel.spawn(async (sys) => {
      store.shut()
      await sys.random.next()
      const given = sys.llm.chat(ask('given up'), { signal: stop.signal }).catch(() => seen.push('given up'))
      const kept = sys.llm.chat(ask('kept')).then(({ text }) => seen.push(text))
      await Promise.all([given, kept])
    }, 1)
    await kernel.clock.advance(100)
    expect(core.requests).toHaveLength(0)
    stop.abort('enough')
    await kernel.clock.advance(100)
    store.open()
    await kernel.clock.advance(100)
    await process.result
    expect(seen).toEqual(['given up', 'one'])
    expect(core.requests).toHaveLength(1)
  })
})

describe('whoever follows a run that another asked for first', () => {
  it('may leave, and the run goes on', async () => {
    const kernel = await testBed({ journal: true })
    let go: ((value: string) => void) | undefined
    const agent: Agent<unknown, string> = () => new Promise((resolve) => (go = resolve))
    const first = kernel.spawn(agent, 1, { runId: 'r' })
    const second = kernel.spawn(agent, 1, { runId: 'r' })
    await kernel.clock.advance(10)
    second.kill('not I')
    await expect(second.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    go?.('done')
    await kernel.clock.advance(10)
    expect(await first.result).toBe('done')
    expect((await kernel.readRun('r')).header.state).toBe('fulfilled')
  })
})

describe('a process that is killed while its run is claimed', () => {
  it('leaves a run that had ended as it was', async () => {
    const kernel = await testBed({ journal: true })
    await kernel.run(() => 'answer', 1, { runId: 'r' })
    const before = await kernel.readRun('r')
    const late = kernel.spawn(() => 'other', 1, { runId: 'r' })
    late.kill('now')
    await expect(late.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    await kernel.clock.advance(100)
    expect(await kernel.readRun('r')).toEqual(before)
  })

  it('ends a run that was open, after the lines that it had', async () => {
    const records = ramRecords()
    await records.open()
    const first = await createTestKernel({ records, journal: true })
    const draws: Agent<unknown, never> = async (sys) => {
      await sys.random.next()
      return new Promise<never>(() => undefined)
    }
    first.run(draws, 1, { runId: 'r' }).catch(() => undefined)
    await first.clock.advance(50)
    const closing = first.close()
    await first.clock.runAll()
    await closing
    const kernel = await testBed({ records, journal: true })
    const process = kernel.spawn(draws, 1, { runId: 'r' })
    process.kill('now')
    await expect(process.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    await kernel.clock.advance(100)
    const { header, lines } = await kernel.readRun('r')
    expect(header.state).toBe('killed')
    expect(lines.map(({ kind, n }) => `${n} ${kind}`)).toEqual(['1 start', '2 call', '3 end'])
  })

  it('waits no more for a run that another kernel has', async () => {
    const records = ramRecords()
    const first = await testBed({ records, journal: true })
    first.run(() => new Promise<never>(() => undefined), 1, { runId: 'r' }).catch(() => undefined)
    await first.clock.advance(50)
    const second = await testBed({ records, journal: true })
    const process = second.spawn(() => 'mine', 1, { runId: 'r' })
    await second.clock.advance(500)
    process.kill('enough')
    await expect(process.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    await second.clock.advance(500)
    expect((await second.readRun('r')).header.state).toBe('running')
  })
})

describe('the id of a trace', () => {
  it('names no run of an agent', async () => {
    const kernel = await testBed({ journal: true })
    const sys = kernel.sys({ name: 'host' })
    await sys.random.next()
    const { runId } = kernel.ps().find(({ pid }) => pid === sys.pid) ?? { runId: '' }
    await kernel.clock.advance(10)
    await expect(kernel.run(() => 1, 1, { runId })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect((await kernel.recover({ agents: {} })).unrecovered).toEqual([])
  })
})
