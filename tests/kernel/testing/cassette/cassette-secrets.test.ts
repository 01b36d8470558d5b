import { createKernel, defineSyscall, type Agent } from '@aios/kernel'
import { callCassette, recordRun, replayRun } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const KEY = 'sk-proj-Ab3dEf6hIj9kLmN0pQrStUvWx1234567890abcdefGHIJ'
const PIECE = KEY.slice(20, 40)
const ask = { messages: [{ role: 'user' as const, content: 'q' }] }

let folder = ''
let file = ''
let taken = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aios-secrets-'))
})
beforeEach(() => {
  taken += 1
  file = join(folder, `${taken}.json`)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

interface Told {
  readonly tokens?: readonly string[]
  readonly answer?: () => unknown
  readonly name?: string
  readonly scrub?: (text: string) => string
}

const give = (answer: () => unknown): ReturnType<typeof defineSyscall> =>
  defineSyscall({ name: 'x.give', effect: 'repeatable', request: z.any(), execute: answer })

async function record<O>(agent: Agent<string, O>, { tokens = ['-'], answer = () => 1, name, scrub }: Told): Promise<O> {
  const kernel = await createKernel({ llm: scriptedCore([{ tokens }]), syscalls: [give(answer)], journal: true })
  const more = { ...(name && { name }), ...(scrub && { scrub }) }
  try {
    return await recordRun({ file, kernel, agent, input: 'go', mode: 'record', ...more })
  } finally {
    await kernel.close()
  }
}

const streamed: Agent<string, number> = async (sys) => {
  let deltas = 0
  for await (const part of sys.llm.stream(ask)) if (part.type === 'text-delta') deltas += 1
  return deltas
}

/** Returns the texts of the deltas in the file. */
function deltas(): readonly string[] {
  const { lines } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly lines: readonly { readonly stream?: readonly { readonly type: string; readonly text: string }[] }[]
  }
  return lines.flatMap(({ stream = [] }) => stream.flatMap(({ type, text }) => (type === 'text-delta' ? [text] : [])))
}

describe('a cassette of a run with credentials of others', () => {
  const forms = {
    Google: 'AIza' + 'SyA1234567890abcdefghijklmnopqrstuv',
    'Hugging Face': 'hf_' + 'abcdefghijklmnopqrstuvwxyzABCDEFGH',
    GitHub: 'github_pat_' + '11ABCDEFG0abcdefghij_klmnopqrstuvwxyz0123456789',
    'a GitHub app': 'ghs_' + 'abcdefghijklmnopqrstuvwxyz0123456789',
    xAI: 'xai-' + 'abcdefghijklmnopqrstuvwxyz0123456789',
    AWS: 'AKIA' + 'IOSFODNN7EXAMPLE',
    'a web token': 'eyJhbGciOiJIUzI1NiJ9.' + 'eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
  }
  const calling: Agent<string, unknown> = (sys) => sys.call('x.give', {})

  it.each(Object.entries(forms))('holds none of %s', async (_, secret) => {
    await record(calling, { answer: () => ({ url: `https://h.example/v1?key=${secret}&n=1`, [secret]: 1 }) })
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain(secret)
    expect(text).toContain('https://h.example/v1?key=[redacted]&n=1')
  })

  it('holds words that only begin like one', async () => {
    const harmless = ['AIzawa', 'hf_hub', 'xai-labs', 'AKIA', 'eyJ.eyJ.x', 'ghs_x']
    await record(calling, { answer: () => harmless.join(' ') })
    expect(readFileSync(file, 'utf8')).toContain(harmless.join(' '))
  })
})

describe('a cassette of a streamed answer', () => {
  it('holds no API key that is spread over deltas, and as many deltas', async () => {
    const tokens = ['Key: ', ...(KEY.match(/.{1,6}/g) ?? []), ' .']
    const count = await record(streamed, { tokens })
    expect(deltas().join('')).toBe('Key: [redacted] .')
    expect(deltas()).toHaveLength(count)
    expect(readFileSync(file, 'utf8')).not.toContain(PIECE.slice(0, 6))
    const before = readFileSync(file)
    expect(await replayRun({ file, agent: streamed, input: 'go' })).toBe(count)
    expect(readFileSync(file)).toEqual(before)
  })

  it('holds deltas without secrets as they were', async () => {
    await record(streamed, { tokens: ['a ', 'b', ' c'] })
    expect(deltas()).toEqual(['a ', 'b', ' c'])
  })

  it('holds a harmless word that looks like a key where it is cut', async () => {
    const count = await record(streamed, { tokens: ['ta', 'sk-abcdefghijkl', ' done'] })
    expect(deltas().join('')).toBe('task-abcdefghijkl done')
    expect(deltas()).toHaveLength(count)
  })

  it('holds what scrub makes of the whole text', async () => {
    await record(streamed, {
      tokens: ['ann@', 'example', '.org'],
      scrub: (text) => text.replace('ann@example.org', '<m>'),
    })
    expect(deltas().join('')).toBe('<m>')
  })

  it('is clean too when it is one of calls', async () => {
    const cassette = await callCassette({ file, name: KEY, mode: 'record' })
    const recording = cassette.record('llm.chat', ask)
    for (const text of ['my ', KEY.slice(0, 9), KEY.slice(9), '!'])
      recording.part({ type: 'text-delta', id: '0', text })
    recording.fulfil({ text: `my ${KEY}!` })
    await cassette.save()
    expect(readFileSync(file, 'utf8')).not.toContain(PIECE)
    const played = (await callCassette({ file, name: 'any', mode: 'replay' })).replay('llm.chat', ask)
    expect(played.parts).toHaveLength(4)
    expect(played.parts.map((part) => (part as { text: string }).text).join('')).toBe('my [redacted]!')
  })
})

describe('a cassette holds no API key', () => {
  it.each<[string, () => unknown]>([
    ['a key of an object', () => ({ [KEY]: 1 })],
    ['several keys of an object', () => ({ [KEY]: 1, [`${KEY}2`]: 2 })],
    ['an error', () => Object.assign(new Error(`bad ${KEY}`, { cause: new TypeError(KEY) }), { of: KEY })],
    ['a pattern', () => new RegExp(KEY, 'u')],
    ['a map of sets', () => new Map([[KEY, new Set([KEY])]])],
    ['an array of maps', () => [new Map([['a', { [KEY]: [KEY] }]])]],
  ])('in %s that a call returned, and replays', async (_, answer) => {
    const agent: Agent<string, string> = async (sys) => {
      await sys.call('x.give', { [KEY]: KEY })
      return KEY
    }
    await record(agent, { answer })
    expect(readFileSync(file, 'utf8')).not.toContain(PIECE)
    expect(await replayRun({ file, agent, input: 'go', syscalls: [give(answer)] })).toBe(KEY)
  })

  it('in what a call or the agent threw, or in the name of the agent', async () => {
    const answer = (): never => {
      throw Object.assign(new Error(KEY, { cause: KEY }), { [KEY]: KEY })
    }
    const agent: Agent<string, unknown> = async (sys) => {
      await sys.call('x.give', {}).catch(() => undefined)
      throw new Error(`no ${KEY}`)
    }
    await expect(record(agent, { answer, name: `agent ${KEY}` })).rejects.toThrow()
    expect(readFileSync(file, 'utf8')).not.toContain(PIECE)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'agent [redacted]' })
    await expect(replayRun({ file, agent, input: 'go', syscalls: [give(answer)] })).rejects.toThrow()
  })

  it('and shows none where another call comes, which differs in what counts alone', async () => {
    const asking =
      (b: string): Agent<string, unknown> =>
      (sys) =>
        sys.call('x.give', { a: KEY, b })
    await record(asking('recorded'), {})
    const error: unknown = await replayRun({
      file,
      agent: asking('came'),
      input: 'go',
      syscalls: [give(() => 1)],
    }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      details: { got: { request: { a: '[redacted]', b: 'came' } }, changes: [{ at: 'b' }] },
    })
    expect(inspect(error, { depth: null })).not.toContain(PIECE)
  })

  it('and shows none where the agent throws before its calls', async () => {
    await record(async (sys) => sys.call('x.give', { a: 1 }), {})
    const agent: Agent<string, unknown> = async () => Promise.reject(new Error(`no ${KEY}`))
    await expect(replayRun({ file, agent, input: 'go', syscalls: [give(() => 1)] })).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining('threw: Error: no [redacted]'),
    })
  })

  it('keeps apart the keys of an object that it takes keys out of', async () => {
    const agent: Agent<string, unknown> = (sys) => sys.call('x.give', {})
    await record(agent, { answer: () => ({ [KEY]: 1, [`${KEY}2`]: 2 }) })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      end: { value: { '[redacted]': 1, '[redacted] 2': 2 } },
    })
  })

  it('keeps a pattern one where what stands for the secret is none', async () => {
    const agent: Agent<string, unknown> = (sys) => sys.call('x.give', {})
    await record(agent, { answer: () => /name: ann/u, scrub: (text) => text.replace('ann', '(') })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      end: { value: { $regexp: [String.raw`name\: \(`, ''] } },
    })
  })

  it('also if scrub puts it in: then nothing is written', async () => {
    const agent: Agent<string, unknown> = async (sys) => (await sys.llm.chat(ask)).text
    const refused = record(agent, { tokens: ['harmless'], scrub: (text) => text.replace('harmless', KEY) })
    await expect(refused).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining('scrub'),
    })
    expect(existsSync(file)).toBe(false)
  })
})
