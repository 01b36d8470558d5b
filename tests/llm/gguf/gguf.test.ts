import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CoreRequest, StreamPart, ToolSpec } from '@aios/kernel'
import { bareModel } from '@aios/ground-gguf'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { gguf, type GgufCore } from '@aios/llm/gguf'
import { failure } from '../core/asking.js'
import { finishOf, openCore, partsOf, question, textOf, tinyFolder } from './tiny-core.js'

// The engine computes for real, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 })

const files = tinyFolder()
let core: GgufCore

beforeAll(async () => {
  core = await openCore(files.model, { contextSize: 1_024, batch: 4 })
}, 60_000)
afterAll(async () => {
  await core.close?.()
  files.remove()
})

const ON: ToolSpec = {
  name: 'on',
  description: 'Switches on.',
  inputSchema: { type: 'object', properties: { a: { enum: [1, 2] }, much: { type: 'boolean' } } },
}
const OFF: ToolSpec = { name: 'off', description: 'Switches off.', inputSchema: { type: 'object', properties: {} } }
const ADD: ToolSpec = { ...ON, name: 'math/add' }
const callsOf = (parts: readonly StreamPart[]) => parts.filter((part) => part.type === 'tool-call')
const deltas = (parts: readonly StreamPart[]) => parts.filter((part) => part.type === 'text-delta')

describe('an answer of gguf()', () => {
  it('is what the engine says without us, to the letter, and counts its tokens', async () => {
    const bare = await bareModel(files.model)
    const [system, user] = ['Be brief, é 🌍.', 'Say something.']
    const request: CoreRequest = {
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
      maxOutputTokens: 80,
    }
    const parts = await partsOf(core, request)
    expect(textOf(parts)).toBe(await bare.answer({ system, user, maxTokens: 80 }))
    const { usage, finish } = finishOf(parts)
    expect(finish.unified).toBe('length')
    expect(usage).toEqual({ input: { total: await core.countTokens?.(request) }, output: { total: 80 } })
    await bare.close()
  }, 60_000)

  it('tells of every token in a delta, and never splits a character', async () => {
    let longest = 0
    for (let seed = 0; seed < 12; seed += 1) {
      const parts = await partsOf(core, question('Say something.', { temperature: 1.2, seed, maxOutputTokens: 60 }))
      const told = deltas(parts).map(({ tokens = 0 }) => tokens)
      expect(textOf(parts)).not.toContain('\uFFFD')
      const { finish, usage } = finishOf(parts)
      if (finish.unified === 'stop') expect(told.reduce((sum, n) => sum + n, 0)).toBe(usage.output.total)
      longest = Math.max(longest, ...told)
    }
    // The globe is four tokens, none of which is a character.
    expect(longest).toBe(4)
  })

  it('draws the same with a seed, other words with another, and with none others for every call', async () => {
    const drawn = async (seed: number | undefined, id: number) =>
      textOf(
        await partsOf(
          core,
          question('Go on.', { temperature: 1, seed, maxOutputTokens: 30 }),
          Object.assign(fakeDriverCall(), { id }),
        ),
      )
    expect(await drawn(7, 1)).toBe(await drawn(7, 2))
    expect(await drawn(7, 1)).not.toBe(await drawn(8, 1))
    expect(await drawn(undefined, 1)).not.toBe(await drawn(undefined, 2))
  })

  it('heeds topP and what providerOptions.gguf says, which wins', async () => {
    const greedy = textOf(await partsOf(core, question('Go on.', { maxOutputTokens: 20 })))
    const nearlyGreedy = question('Go on.', { temperature: 2, seed: 1, topP: 0.0001, maxOutputTokens: 20 })
    expect(textOf(await partsOf(core, nearlyGreedy))).toBe(greedy)
    const own = { ...question('Go on.', { temperature: 2, seed: 1, maxOutputTokens: 20 }) }
    expect(textOf(await partsOf(core, own))).not.toBe(greedy)
    expect(textOf(await partsOf(core, { ...own, providerOptions: { gguf: { topK: 1 } } }))).toBe(greedy)
    const wrong = failure(partsOf(core, { ...own, providerOptions: { gguf: { topQ: 1 } } }))
    expect(await wrong).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
  })

  it('ends before a text of stop, which is no part of it', async () => {
    const whole = textOf(await partsOf(core, question('Go on.', { maxOutputTokens: 40 })))
    const stop = whole.slice(20, 27)
    const parts = await partsOf(core, question('Go on.', { maxOutputTokens: 40, stop: [stop] }))
    expect(textOf(parts)).toBe(whole.slice(0, whole.indexOf(stop)))
    expect(finishOf(parts).finish).toEqual({ unified: 'stop', raw: 'complete' })
  })

  it('ends by itself, and at maxOutputTokens', async () => {
    const ends = async (more: Partial<CoreRequest>) => finishOf(await partsOf(core, question('Go on.', more)))
    expect((await ends({ temperature: 1, seed: 5 })).finish).toEqual({ unified: 'stop', raw: 'eos' })
    expect((await ends({ maxOutputTokens: 3 })).usage.output.total).toBe(3)
  })

  it('ends where the window is full', async () => {
    const { finish, usage } = finishOf(await partsOf(core, question(' queue'.repeat(980))))
    expect(finish).toEqual({ unified: 'context-overflow', raw: 'contextSize' })
    expect(usage.input.total! + usage.output.total!).toBe(core.contextWindow)
  })

  it('is the same beside others as alone, and more than there is room for wait', async () => {
    const requests = Array.from({ length: 9 }, (_, seed) =>
      question(`Question ${seed}.`, { temperature: 1, seed, maxOutputTokens: 25 }),
    )
    const together = await Promise.all(requests.map((request) => partsOf(core, request)))
    for (const [index, request] of requests.entries()) expect(together[index]).toEqual(await partsOf(core, request))
  })
})

describe('JSON of gguf()', () => {
  it('always parses, whatever the schema and the seed', async () => {
    const schemas: (Record<string, unknown> | undefined)[] = [
      {
        type: 'object',
        properties: { ok: { type: 'boolean' }, n: { type: 'integer' }, word: { enum: ['x', 'y"\\'] } },
      },
      { anyOf: [{ type: 'null' }, { type: 'array', items: { type: 'boolean' }, maxItems: 3 }] },
      { type: 'integer' },
      { type: 'object', properties: { s: { type: 'string', maxLength: 12 } }, definitions: {} },
    ]
    for (const schema of schemas)
      for (let seed = 0; seed < 3; seed += 1) {
        const parts = await partsOf(
          core,
          question('JSON, please.', { responseFormat: { type: 'json', schema }, temperature: 1, seed }),
        )
        expect(finishOf(parts).finish.unified, JSON.stringify(schema)).toBe('stop')
        expect(() => void JSON.parse(textOf(parts)), textOf(parts)).not.toThrow()
      }
  })

  it('without a schema is any JSON', async () => {
    let complete = 0
    for (let seed = 0; seed < 4; seed += 1) {
      const request = { responseFormat: { type: 'json' as const }, temperature: 1, seed, maxOutputTokens: 120 }
      const parts = await partsOf(core, question('JSON, please.', request))
      if (finishOf(parts).finish.unified !== 'stop') continue
      JSON.parse(textOf(parts))
      complete += 1
    }
    expect(complete).toBeGreaterThan(0)
  })
})

describe('a demanded tool call of gguf()', () => {
  const tools = [ON, OFF]

  it('is legal, whatever the seed: a known name, arguments that fit, an id of its own', async () => {
    const names = new Set<string>()
    const ids = new Set<string>()
    for (let seed = 0; seed < 5; seed += 1) {
      const request = question(`Call ${seed}.`, { tools, toolChoice: 'required', temperature: 2, seed })
      const parts = await partsOf(core, request)
      const [call] = callsOf(parts)
      expect(finishOf(parts).finish.unified).toBe('tool-calls')
      names.add(call!.name)
      ids.add(call!.id)
      if (call!.name === 'off') expect(call!.input).toEqual({})
      else expect(call!.input).toEqual({ a: expect.toBeOneOf([1, 2]), much: expect.any(Boolean) })
      expect(textOf(parts)).toBe('')
    }
    expect(names).toEqual(new Set(tools.map(({ name }) => name)))
    expect(ids.size).toBe(5)
  })

  it('of one tool by name is a call of that tool', async () => {
    const parts = await partsOf(core, question('Call.', { tools: [OFF, ADD], toolChoice: { tool: 'math/add' } }))
    expect(callsOf(parts).map(({ name }) => name)).toEqual(['math/add'])
  })

  it('of a tool that is not offered is the caller’s slip', async () => {
    const asked = (toolChoice: CoreRequest['toolChoice'], offered?: readonly ToolSpec[]) =>
      failure(partsOf(core, question('Call.', { tools: offered, toolChoice })))
    expect(await asked({ tool: 'none' }, tools)).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
    expect(await asked('required')).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
  })

  it('is not made with toolChoice none: the model does not even see the tools', async () => {
    const plain = await core.countTokens!(question('Call.'))
    expect(await core.countTokens!(question('Call.', { tools, toolChoice: 'none' }))).toBe(plain)
    expect(await core.countTokens!(question('Call.', { tools }))).toBeGreaterThan(plain)
  })
})

describe('what does not fit gguf()', () => {
  it('is a conversation longer than the window, before anything is generated', async () => {
    const before = core.evaluatedTokens
    const error = await failure(partsOf(core, question('word '.repeat(600))))
    expect(error).toMatchObject({ code: 'AIOS_LLM_CONTEXT_OVERFLOW' })
    expect(core.evaluatedTokens).toBe(before)
  })

  it('is a file: the model reads text', async () => {
    const content = [{ type: 'file' as const, mediaType: 'image/png', data: new Uint8Array(4) }]
    const error = await failure(partsOf(core, { messages: [{ role: 'user', content }] }))
    expect(error).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
  })

  it('is a path without a file, a file of another kind, and a model that is cut off', async () => {
    const folder = dirname(files.model)
    const foreign = join(folder, 'foreign.gguf')
    writeFileSync(foreign, 'no model at all')
    const broken = join(folder, 'broken.gguf')
    writeFileSync(broken, Buffer.concat([Buffer.from('GGUF\x03\0\0\0'), randomBytes(64)]))
    const code = async (path: string) => (await failure(openCore(path))).code
    expect(await code(join(folder, 'none.gguf'))).toBe('AIOS_LLM_NOT_FOUND')
    expect(await code(folder)).toBe('AIOS_LLM_NOT_FOUND')
    expect(await code(foreign)).toBe('AIOS_CORRUPT')
    expect(await code(broken)).toBe('AIOS_CORRUPT')
  }, 60_000)
})

describe('a call of gguf() that is given up', () => {
  it('gives its sequence back: afterwards as many answers fit as before', async () => {
    const reasons = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const controller = new AbortController()
        const parts = core.stream!(question('Go on.'), fakeDriverCall({ signal: controller.signal }))
        const iterator = parts[Symbol.asyncIterator]()
        for (let read = 0; read < 3 + index && index < 4; read += 1) await iterator.next()
        const rest = failure(iterator.next().then(() => iterator.next()))
        controller.abort(new Error(`reason ${index}`))
        return (await rest).message
      }),
    )
    expect(reasons).toEqual(Array.from({ length: 8 }, (_, index) => `reason ${index}`))
    const four = await Promise.all([1, 2, 3, 4].map(() => partsOf(core, question('Go on.', { maxOutputTokens: 5 }))))
    expect(four.map((parts) => finishOf(parts).usage.output.total)).toEqual([5, 5, 5, 5])
  })

  it('is closed when its loop is left', async () => {
    for (let round = 0; round < 6; round += 1)
      for await (const part of core.stream!(question('Go on.'), fakeDriverCall())) if (part.type === 'text-delta') break
    expect(finishOf(await partsOf(core, question('Go on.', { maxOutputTokens: 2 }))).finish.unified).toBe('length')
  })
})

describe('gguf()', () => {
  it('says what it is: its window once it is open, one slot for each sequence, an exact state', () => {
    expect(core).toMatchObject({ backend: 'gguf', id: 'tiny', model: 'tiny', contextWindow: 1_024, resume: 'state' })
    expect(core.limits).toEqual({ concurrency: 4 })
    expect(gguf(files.model, { batch: 2, limits: { depth: 3 } }).limits).toEqual({ concurrency: 2, depth: 3 })
    expect(gguf(files.model).contextWindow).toBeUndefined()
  })

  it('serves one kernel at a time, and none while it is closed', async () => {
    expect(await failure(Promise.resolve(core.open?.(fakeDriverServices())))).toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
    expect(await failure(partsOf(gguf(files.model), question('Hello.')))).toMatchObject({ code: 'AIOS_CLOSED' })
  })

  it.each([process.platform === 'darwin' ? 'cuda' : 'metal', 'webgpu'] as const)(
    'names a device whose binary is not there: %s',
    async (missing) => {
      const error = await failure(openCore(files.model, { device: missing }))
      expect(error).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
      expect(error.message).toContain(missing)
    },
    60_000,
  )

  it('ends all answers when it is closed, those that wait too', async () => {
    const asked = (id: number) =>
      core.stream!(question('Go on.'), Object.assign(fakeDriverCall(), { id }))[Symbol.asyncIterator]()
    const running = [1, 2, 3, 4].map(asked)
    for (const iterator of running) await iterator.next()
    const waiting = failure(asked(5).next())
    await new Promise((resolve) => setImmediate(resolve))
    await core.close?.()
    expect(await waiting).toMatchObject({ code: 'AIOS_CLOSED' })
    for (const iterator of running) expect(await failure(iterator.next())).toMatchObject({ code: 'AIOS_CLOSED' })
    await core.close?.()
  })
})
