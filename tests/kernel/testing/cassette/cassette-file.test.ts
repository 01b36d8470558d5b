import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKernel, defineSyscall, type Agent, type KernelOptions } from '@aios/kernel'
import { recordRun, replayRun, virtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { z } from 'zod'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aios-cassette-'))
  file = join(folder, 'run.json')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function record<O>(agent: Agent<unknown, O>, options: KernelOptions = {}): Promise<O> {
  const kernel = await createKernel({ journal: true, ...options })
  try {
    return await recordRun({ file, kernel, agent, input: 'input', mode: 'record' })
  } finally {
    await kernel.close()
  }
}

interface Line {
  readonly [name: string]: unknown
}
const linesOf = (): readonly Line[] => (JSON.parse(readFileSync(file, 'utf8')) as { lines: readonly Line[] }).lines
const ask = (content: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content }],
})
const thing = (execute: () => unknown): KernelOptions['syscalls'] => [
  defineSyscall({ name: 'thing.get', request: z.object({ act: z.any() }).partial(), execute }),
]
const gets: Agent<unknown, unknown> = async (sys) => {
  const found = await sys.call('thing.get', {})
  return typeof found
}

describe('a cassette', () => {
  it('holds the end of a child by its deadline, and replays it', async () => {
    const clock = virtualClock()
    const parent: Agent<unknown, string> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: () => new Promise<never>(() => undefined), deadlineMs: 20 })
      return sys.agent.wait({ pid }).then(
        () => 'none',
        (error: unknown) => (error as { readonly code: string }).code,
      )
    }
    const kernel = await createKernel({ journal: true, clock })
    const result = recordRun({ file, kernel, agent: parent, input: 1, mode: 'record' })
    await clock.advance(100)
    expect(await result).toBe('AIOS_AGENT_FAILED')
    await kernel.close()
    expect(linesOf().filter((line) => 'kill' in line)).toMatchObject([{ kill: '1' }])
    expect(await replayRun({ file, agent: parent })).toBe('AIOS_AGENT_FAILED')
  })

  it('holds what calls cost, and calls that rejected', async () => {
    const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 }
    const llm = { ...scriptedCore(['one']), price }
    const agent: Agent<unknown, string> = async (sys) => {
      const { text } = await sys.llm.chat(ask('x'))
      return `${text} ${await sys.storage.read({ path: 'a' }).then(String, () => 'failed')}`
    }
    expect(await record(agent, { llm })).toBe('one failed')
    expect(linesOf()[0]).toMatchObject({ row: 'llm.chat', costUsd: expect.any(Number) as number })
    expect(linesOf()[1]).toMatchObject({ row: 'storage.read', outcome: 'rejected', error: { code: 'AIOS_NO_DEVICE' } })
    expect(await replayRun({ file, agent })).toBe('one failed')
  })

  it('does not need the requests that hold functions, but every result', async () => {
    const agent: Agent<unknown, unknown> = (sys) => sys.call('thing.get', { act: () => 1 })
    expect(await record(agent, { syscalls: thing(() => 5) })).toBe(5)
    expect(linesOf()[0]).not.toHaveProperty('request')
    expect(await replayRun({ file, agent, syscalls: thing(() => 6) })).toBe(5)
    await expect(record(gets, { syscalls: thing(() => ({ act: () => 1 })) })).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining('thing.get (call 1) holds functions or handles') as string,
    })
  })

  it('is not made of a run of which a request or a result was redacted, and the old file stays', async () => {
    writeFileSync(file, 'old')
    for (const [hidden, what] of [
      [{ request: true }, 'the request of thing.get (call 1) was redacted'],
      [{ result: true }, 'thing.get (call 1) was redacted'],
    ] as const)
      await expect(record(gets, { syscalls: thing(() => 5), journal: { redact: () => hidden } })).rejects.toMatchObject(
        { code: 'AIOS_NOT_CLONEABLE', message: expect.stringContaining(what) as string },
      )
    expect(readFileSync(file, 'utf8')).toBe('old')
  })

  it.each([
    ['a number past JSON', -0],
    ['no number', Number.NaN],
    ['a big number', 5n],
    ['an ending without end', Number.NEGATIVE_INFINITY],
    ['numbers in a row', new Float32Array([1, 2])],
    ['whole numbers in a row', new BigInt64Array([1n, 2n])],
    ['bytes', new Uint8Array([1, 2])],
    ['a buffer', new Uint8Array([1, 2]).buffer],
    ['a view', new DataView(new Uint8Array([1, 2]).buffer)],
    ['a set', new Set([1, new Date(5)])],
    ['a map', new Map([[{ a: 1 }, /x/g]])],
    ['a dollar', { $date: 5, other: { $x: undefined } }],
    ['nothing in a list', [undefined, null]],
  ])('keeps %s', async (_what, value) => {
    const agent: Agent<unknown, unknown> = async (sys) => sys.call('thing.get', {})
    expect(await record(agent, { syscalls: thing(() => value) })).toEqual(value)
    const again = await replayRun({ file, agent, syscalls: thing(() => 0) })
    expect(again).toEqual(value)
    expect(Object.prototype.toString.call(again)).toBe(Object.prototype.toString.call(value))
  })

  it('refuses a value that is nested without end', async () => {
    const round: { self?: unknown } = {}
    round.self = round
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.call('thing.get', {})
      return 1
    }
    await expect(record(agent, { syscalls: thing(() => round) })).rejects.toMatchObject({ code: 'AIOS_NOT_CLONEABLE' })
  })

  it('cannot be read where its file is no file, nor written there', async () => {
    mkdirSync(file)
    await expect(replayRun({ file, agent: gets })).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(record(gets, { syscalls: thing(() => 5) })).rejects.toMatchObject({ code: 'EISDIR' })
  })

  it('of no version is told from one of another', async () => {
    writeFileSync(file, '{"format":"aios-cassette"}')
    await expect(replayRun({ file, agent: gets })).rejects.toMatchObject({
      code: 'AIOS_UNSUPPORTED',
      message: expect.stringContaining('got no version') as string,
    })
  })

  it('is not written where the kernel closes in the midst of the run, and says so', async () => {
    const kernel = await createKernel({ journal: true })
    const agent: Agent<unknown, never> = () => new Promise<never>(() => undefined)
    const result = recordRun({ file, kernel, agent, input: 1, mode: 'record' })
    const told = result.catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await kernel.close()
    expect(await told).toMatchObject({ code: 'AIOS_CLOSED' })
    expect(() => readFileSync(file)).toThrow('ENOENT')
  })
})
