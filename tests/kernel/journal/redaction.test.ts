import { describe, expect, it } from 'vitest'
import {
  createKernel,
  defineSyscall,
  ramRecords,
  type Agent,
  type JournalledCall,
  type JournalOptions,
  type Kernel,
  type RecordStore,
} from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { scriptedCore, tokenEngine } from '@aios/llm/testing'
import { z } from 'zod'
import { shut, testBed } from '../test-bed.js'

const ask = { messages: [{ role: 'user' as const, content: 'Tell me.' }] }
const hideResults = (): { result: boolean } => ({ result: true })

/** Everything that a store holds, as text. */
async function textOf(records: RecordStore): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of records.export()) chunks.push(Buffer.from(chunk).toString('latin1'))
  return chunks.join('')
}

async function openStore(): Promise<RecordStore> {
  const records = ramRecords()
  await records.open()
  return records
}

describe('a streamed answer whose result is redacted', () => {
  const streams: Agent<string, string> = async (sys) => {
    let text = ''
    for await (const part of sys.llm.stream(ask)) {
      if (part.type !== 'text-delta') continue
      text += part.text
      await sys.random.next()
    }
    return text.toUpperCase()
  }

  it('reaches the agent, and no part of it the store', async () => {
    const records = await openStore()
    const redact = ({ name }: JournalledCall): { result: boolean } => ({ result: name === 'llm.stream' })
    const kernel = await createKernel({ llm: scriptedCore(['one secret word']), records, journal: { redact } })
    expect(await kernel.run(streams, 'x', { runId: 'r' })).toBe('ONE SECRET WORD')
    await kernel.close()
    expect(await textOf(records)).not.toMatch(/secret/)
  })

  it('leaves nothing behind either where it is cut in its midst', async () => {
    for (const resume of ['prefix', 'state'] as const)
      for (const agent of [streams, (async (sys) => (await sys.llm.chat(ask)).text) as Agent<string, string>]) {
        const records = await openStore()
        const clock = virtualClock()
        const llm = tokenEngine({ resume, tokens: 40, tokenMs: 10 })
        const kernel = await createKernel({ llm, records, clock, journal: { redact: hideResults } })
        const process = kernel.spawn(agent, 'x', { runId: 'r' })
        process.result.catch(() => undefined)
        await clock.advance(155)
        process.suspend()
        await clock.advance(100)
        const lines = (await kernel.readRun('r')).lines.map(({ kind }) => kind)
        await kernel.close()
        expect(lines).not.toContain('parts')
        expect(lines).not.toContain('context')
        expect(await textOf(records)).not.toMatch(/ kernel then| kernelish/)
      }
  })
})

describe('a redactor', () => {
  async function runWith(redact: unknown): Promise<{ text: string; failed: number; asked: number }> {
    const records = await openStore()
    let asked = 0
    const redactor = (call: JournalledCall): never => {
      asked += 1
      return (redact as (call: JournalledCall) => never)(call)
    }
    const twice = defineSyscall({
      name: 'twice.do',
      request: z.object({ text: z.string() }),
      execute: ({ text }) => `${text} done`,
    })
    const kernel = await createKernel({ records, syscalls: [twice], journal: { redact: redactor } })
    let failed = 0
    kernel.on('driver:failed', () => (failed += 1))
    await kernel.run((sys) => sys.call('twice.do', { text: 'hidden' }).then(() => 'over'), 'x', { runId: 'r' })
    await kernel.close()
    return { text: await textOf(records), failed, asked }
  }

  it('is asked once for a call, though it has two lines', async () => {
    let time = 0
    const { asked, text } = await runWith(() => ({ request: (time += 1) === 1, result: true }))
    expect(asked).toBe(1)
    expect(text).not.toMatch(/hidden/)
  })

  it.each([
    ['a promise', () => Promise.resolve({ request: true })],
    ['a flag', () => true],
    ['an unknown key', () => ({ request: true, results: true })],
    ['no flag', () => ({ request: 1 })],
    ['null', () => null],
  ])('that answers with %s hides everything, and that is reported', async (_what, redact) => {
    const { text, failed, asked } = await runWith(redact)
    expect(text).not.toMatch(/hidden/)
    expect([failed, asked]).toEqual([1, 1])
  })

  it('that wants nothing hidden hides nothing', async () => {
    for (const redact of [() => undefined, () => ({}), () => ({ request: undefined, result: false })]) {
      const { text, failed } = await runWith(redact)
      expect(text).toMatch(/hidden/)
      expect(failed).toBe(0)
    }
  })
})

describe('the answer to an idempotency key that is redacted', () => {
  const key = { idempotencyKey: 'order 7' }

  interface Shop {
    readonly kernel: Kernel
    readonly sold: string[]
    readonly clock: ReturnType<typeof virtualClock>
  }

  async function shop(records: RecordStore, journal: JournalOptions = { redact: hideResults }): Promise<Shop> {
    const sold: string[] = []
    const clock = virtualClock()
    const buy = defineSyscall({
      name: 'shop.buy',
      request: z.object({ item: z.string() }),
      execute: ({ item }) => {
        sold.push(item)
        return { card: 'secret card', item }
      },
    })
    const limits = { idempotencyMs: 1_000 }
    return { kernel: await testBed({ records, journal, syscalls: [buy], clock, limits }), sold, clock }
  }
  const buys: Agent<string, unknown> = (sys, item) => sys.call('shop.buy', { item }, key)

  it('is given again by the kernel that has it, and is not in the store', async () => {
    const records = await openStore()
    const { kernel, sold, clock } = await shop(records)
    expect(await kernel.run(buys, 'tea')).toEqual({ card: 'secret card', item: 'tea' })
    expect(await kernel.run(buys, 'tea')).toEqual({ card: 'secret card', item: 'tea' })
    await expect(kernel.run(buys, 'milk')).rejects.toMatchObject({ code: 'AIOS_IDEMPOTENCY_CONFLICT' })
    expect(sold).toEqual(['tea'])
    await clock.advance(10)
    expect((await records.size('kernel/idempotency')).records).toBe(1)
    const kept: string[] = []
    for await (const { value } of records.range('kernel/idempotency')) kept.push(Buffer.from(value).toString())
    expect(kept.join()).not.toMatch(/secret/)
  })

  it('keeps another kernel from doing it once more, and says why there is no answer', async () => {
    const records = await openStore()
    const first = await shop(records)
    await first.kernel.run(buys, 'tea')
    await shut(first.kernel as never)
    const second = await shop(records)
    await expect(second.kernel.run(buys, 'tea')).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining('was redacted') as string,
    })
    await expect(second.kernel.run(buys, 'milk')).rejects.toMatchObject({ code: 'AIOS_IDEMPOTENCY_CONFLICT' })
    expect(second.sold).toEqual([])
    const open = await shop(records, {})
    await expect(open.kernel.run(buys, 'tea')).rejects.toMatchObject({ code: 'AIOS_NOT_CLONEABLE' })
  })

  it('is forgotten when it is too old, also by the kernel that has it', async () => {
    const records = await openStore()
    const { kernel, sold, clock } = await shop(records)
    await kernel.run(buys, 'tea')
    await clock.advance(999)
    await kernel.run(buys, 'tea')
    expect(sold).toEqual(['tea'])
    await clock.advance(1)
    await kernel.run(buys, 'tea')
    expect(sold).toEqual(['tea', 'tea'])
  })

  it('is kept of calls that nobody hides', async () => {
    const records = await openStore()
    const { kernel } = await shop(records, { redact: ({ agent }) => ({ result: agent === 'spy' }) })
    await kernel.run(buys, 'tea', { name: 'buyer' })
    const kept: string[] = []
    for await (const { value } of records.range('kernel/idempotency')) kept.push(Buffer.from(value).toString())
    expect(kept.join()).toMatch(/secret card/)
  })
})
