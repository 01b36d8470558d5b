import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKernel, type Agent, type KernelOptions } from '@aios/kernel'
import { recordRun, replayRun } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'

const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})

const family: Agent<string, unknown> = async (sys, question) => {
  const child: Agent<string, string> = async (own, text) => {
    const { message } = await own.agent.receive()
    const stream = own.llm.stream(ask(`${text} ${String(message)}`))
    let told = ''
    for await (const part of stream) if (part.type === 'text-delta') told += part.text
    return told
  }
  const first = await sys.llm.chat(ask(question))
  const { pid } = await sys.agent.spawn({ agent: child, input: first.text, name: 'child' })
  await sys.agent.send({ to: pid, message: 'hello' })
  return {
    first,
    pid,
    heard: await sys.agent.wait({ pid }),
    failed: await sys.storage.read({ path: 'a' }).catch(String),
  }
}

let folder = ''
let file = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aios-cassette-'))
})
beforeEach(() => {
  vi.stubEnv('CI', '')
  file = join(folder, 'deeper', `${expect.getState().currentTestName?.replaceAll(/\W+/g, '-') ?? ''}.json`)
})
afterEach(() => {
  vi.unstubAllEnvs()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** Records a run on a kernel of its own. */
async function record<I, O>(
  agent: Agent<I, O>,
  input: I,
  more: Partial<Parameters<typeof recordRun>[0]> & { readonly options?: KernelOptions } = {},
): Promise<O> {
  const { options, ...rest } = more
  const kernel = await createKernel({ llm: scriptedCore(['one', 'two', 'three']), journal: true, ...options })
  try {
    return await recordRun({ file, kernel, agent, input, ...(rest as object) })
  } finally {
    await kernel.close()
  }
}

const text = (): string => readFileSync(file, 'utf8')

describe('recordRun', () => {
  it('writes a file against which the same agent comes to the same', async () => {
    const value = (await record(family, 'q')) as { first: { meta: unknown } }
    const again = await replayRun({ file, agent: family, input: 'q' })
    expect(again).toEqual({ ...value, first: { ...value.first, meta: expect.anything() as unknown } })
  })

  it('writes the same bytes at each recording, whatever the times and pids', async () => {
    await record(family, 'q')
    const first = text()
    const other = async (): Promise<void> => {
      const kernel = await createKernel({ llm: scriptedCore([{ text: 'one', latencyMs: 3 }, 'two']), journal: true })
      await kernel
        .run(async (sys) => void (await sys.agent.receive().catch(() => 0)), '', { deadlineMs: 1 })
        .catch(() => 0)
      await recordRun({ file, kernel, agent: family, input: 'q' })
      await kernel.close()
    }
    await other()
    expect(text().replaceAll(/"pid": \d/g, '')).toBe(first.replaceAll(/"pid": \d/g, ''))
    expect(readdirSync(join(folder, 'deeper')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('can be read: format and version first, texts as they are, an order of keys that stays', async () => {
    await record(family, 'q')
    const cassette = JSON.parse(text()) as { lines: object[] }
    expect(Object.keys(cassette)).toEqual(['format', 'version', 'name', 'input', 'options', 'lines', 'end'])
    expect(cassette).toMatchObject({ format: 'aios-cassette', version: 1, name: 'agent', input: 'q' })
    expect(cassette.lines[0]).toMatchObject({ call: '1', row: 'llm.chat', request: ask('q'), result: { text: 'one' } })
    expect(text().endsWith('}\n')).toBe(true)
  })

  it('records an agent that throws, and throws', async () => {
    const throwing: Agent<string, never> = async (sys, question) => {
      throw new RangeError((await sys.llm.chat(ask(question))).text)
    }
    await expect(record(throwing, 'q')).rejects.toThrow(RangeError)
    await expect(replayRun({ file, agent: throwing, input: 'q' })).rejects.toThrow('one')
  })

  it('never goes live where CI is set', async () => {
    await record(family, 'q')
    vi.stubEnv('CI', 'true')
    const core = scriptedCore(['other'])
    expect(await record(family, 'q', { options: { llm: core } })).toMatchObject({ first: { text: 'one' } })
    expect(core.requests).toHaveLength(0)
    rmSync(file)
    await expect(record(family, 'q')).rejects.toMatchObject({
      code: 'AIOS_NOT_FOUND',
      message: expect.stringContaining('Record it once with recordRun()') as string,
    })
  })

  it.each(['0', 'false'])('goes live where CI is "%s", and does as its mode says anywhere', async (ci) => {
    vi.stubEnv('CI', ci)
    await record(family, 'q')
    await expect(record(family, 'other', { mode: 'replay' })).rejects.toMatchObject({ code: 'AIOS_REPLAY_DIVERGED' })
    vi.stubEnv('CI', '1')
    await record(family, 'other', { mode: 'record' })
    expect(JSON.parse(text())).toMatchObject({ input: 'other' })
  })

  it('keeps secrets out of the file, and replays nevertheless', async () => {
    const secret = 'sk-abcdefghijklmnop'
    const agent: Agent<string, string> = async (sys, input) => {
      const { text: answer } = await sys.llm.chat(ask(`${input} and ann@example.org`))
      return (await sys.llm.chat(ask(`again ${answer}`))).text
    }
    const scrub = (value: string): string => value.replaceAll('ann@example.org', '<mail>')
    const llm = scriptedCore([`take ${secret}`, 'done'])
    expect(await record(agent, `use ${secret}`, { scrub, options: { llm } })).toBe('done')
    expect(text()).not.toContain(secret)
    expect(text()).not.toContain('ann@')
    expect(await replayRun({ file, agent, input: `use ${secret}`, scrub })).toBe('done')
    await expect(replayRun({ file, agent, input: `use ${secret}` })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
    })
  })

  it('keeps what JSON does not have', async () => {
    const input = {
      bytes: new Uint8Array([1, 2, 255]),
      date: new Date(5),
      map: new Map<unknown, unknown>([['a', new Set([1n])]]),
      odd: [Number.NaN, -0, undefined, /a/g],
      buffer: Buffer.from('b'),
      floats: new Float32Array([1.5]),
      $tag: 1,
    }
    const agent: Agent<typeof input, unknown> = (_sys, given) => Promise.resolve({ ...given, more: given.odd.length })
    await record(agent, input)
    expect(text()).toContain('"$bytes": "AQL/"')
    const again = (await replayRun({ file, agent, input })) as typeof input
    expect(again).toMatchObject({ date: input.date, map: input.map, $tag: 1, more: 4 })
    expect(JSON.stringify([again.bytes, again.buffer])).toBe(JSON.stringify([input.bytes, input.buffer]))
    expect([...again.floats]).toEqual([1.5])
    expect(again.odd).toEqual(input.odd)
  })

  it('keeps the grants that an agent was spawned with', async () => {
    const agent: Agent<string, unknown> = async (sys) => {
      const child = await sys.agent.spawn({ agent: (own) => Promise.resolve(own.pid), input: '', namespace: 'notes' })
      return sys.agent.wait({ pid: child.pid })
    }
    await record(agent, '', { spawn: { grants: { memory: ['notes'] } } })
    expect(await replayRun({ file, agent })).toBe(2)
  })

  it('refuses a kernel without a journal before anything runs', async () => {
    let ran = false
    const agent: Agent<string, unknown> = () => (ran = true)
    await expect(record(agent, '', { options: { journal: false } })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
    expect(ran).toBe(false)
  })

  it('refuses a run of which something was redacted', async () => {
    for (const hidden of [{ request: true }, { result: true }]) {
      const options = { journal: { redact: () => hidden } }
      await expect(record(family, 'q', { options })).rejects.toMatchObject({ code: 'AIOS_NOT_CLONEABLE' })
    }
    expect(() => text()).toThrow('ENOENT')
  })

  it('refuses options that it does not know', async () => {
    await expect(record(family, 'q', { fiel: 'x' } as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await expect(replayRun({ agent: family } as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})

describe('replayRun', () => {
  const twice: Agent<string, string> = async (sys, question) => {
    const { text: first } = await sys.llm.chat(ask(question))
    return (await sys.llm.chat(ask(`${first}?`))).text
  }
  const diverged = (message: string): object => ({
    code: 'AIOS_REPLAY_DIVERGED',
    message: expect.stringContaining(message) as string,
  })

  it('fails on a call that was not recorded, and says where the nearest differs', async () => {
    await record(twice, 'q')
    const other: Agent<string, unknown> = async (sys, question) => {
      await sys.llm.chat(ask(question))
      return sys.llm.chat(ask('one!'))
    }
    await expect(replayRun({ file, agent: other })).rejects.toMatchObject(
      diverged('messages[0].content was "one?", now "one!"'),
    )
  })

  it('fails when recorded calls are left', async () => {
    await record(twice, 'q')
    const short: Agent<string, unknown> = (sys, question) => sys.llm.chat(ask(question))
    await expect(replayRun({ file, agent: short })).rejects.toMatchObject(diverged('got the end of the agent'))
  })

  it('fails on another input, and on another value', async () => {
    await record(twice, 'q')
    await expect(replayRun({ file, agent: twice, input: 'r' })).rejects.toMatchObject(
      diverged('Expected the input that cassette'),
    )
    const upper: Agent<string, string> = async (sys, question) => (await twice(sys, question)).toUpperCase()
    await expect(replayRun({ file, agent: upper })).rejects.toMatchObject(diverged('value was "two", now "TWO"'))
    const throwing: Agent<string, string> = async (sys, question) => {
      throw new Error(await twice(sys, question))
    }
    await expect(replayRun({ file, agent: throwing })).rejects.toMatchObject(
      diverged('outcome was "fulfilled", now "threw"'),
    )
  })

  it.each([
    ['no file', undefined, 'AIOS_NOT_FOUND'],
    ['half a file', '{ "format": "aios-cass', 'AIOS_CORRUPT'],
    ['another file', '{ "name": "package" }', 'AIOS_CORRUPT'],
    ['no object', 'null', 'AIOS_CORRUPT'],
    ['a newer version', '{ "format": "aios-cassette", "version": 2 }', 'AIOS_UNSUPPORTED'],
    ['an older version', '{ "format": "aios-cassette", "version": 0 }', 'AIOS_UNSUPPORTED'],
    ['a file without lines', '{ "format": "aios-cassette", "version": 1, "name": "a" }', 'AIOS_CORRUPT'],
    ['a line of no kind', '{"format":"aios-cassette","version":1,"name":"a","lines":[{}],"end":{}}', 'AIOS_CORRUPT'],
    [
      'a tag of no kind',
      '{"format":"aios-cassette","version":1,"name":"a","input":{"$what":1},"lines":[],"end":{"outcome":"threw"}}',
      'AIOS_CORRUPT',
    ],
  ])('rejects with a typed error for %s', async (_what, content, code) => {
    const damaged = join(folder, 'damaged.json')
    rmSync(damaged, { force: true })
    if (content !== undefined) writeFileSync(damaged, content)
    await expect(replayRun({ file: damaged, agent: twice })).rejects.toMatchObject({ code })
  })
})
