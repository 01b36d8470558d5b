import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { roundRobin, type CoreRequest, type LlmDriver, type StreamPart } from '@aios/kernel'
import { createTestKernel, fakeDriverCall, fakeDriverServices, recordEvents, virtualClock } from '@aios/kernel/testing'
import type { GgufCore } from '@aios/llm/gguf'
import { failure } from '../core/asking.js'
import { cut, inPieces } from '../local/pieces.js'
import { finishOf, openCore, partsOf, question, textOf, tinyFolder } from './tiny-core.js'

// The engine computes for real, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 })

const files = tinyFolder()
let core: GgufCore
let other: GgufCore

beforeAll(async () => {
  core = await openCore(files.model, { contextSize: 1_024, batch: 2 })
  other = await openCore(files.other, { contextSize: 1_024, id: 'tiny' })
}, 60_000)
afterAll(async () => {
  await core.close?.()
  await other.close?.()
  files.remove()
})

const SWITCH = {
  name: 'switch',
  description: 'Switches.',
  inputSchema: { type: 'object', properties: { on: { type: 'boolean' }, why: { enum: ['light', 'dark "and" deep'] } } },
}
const REQUESTS: readonly (readonly [string, CoreRequest])[] = [
  ['with the likeliest tokens', question('Go on.', { maxOutputTokens: 40 })],
  ['with a seed', question('Go on, é 🌍.', { temperature: 1.1, seed: 11, maxOutputTokens: 60 })],
  [
    'in JSON',
    question('Go on.', { temperature: 1, seed: 2, responseFormat: { type: 'json', schema: SWITCH.inputSchema } }),
  ],
  ['with a demanded call', question('Go on.', { tools: [SWITCH], toolChoice: 'required', temperature: 1, seed: 4 })],
]

describe('an answer of gguf() that was cut', () => {
  it.each(REQUESTS)('after every part is the same %s, and no token is read twice', async (_, request) => {
    const fresh = core.evaluatedTokens
    const whole = await partsOf(core, request)
    const needed = core.evaluatedTokens - fresh
    const before = core.evaluatedTokens
    const { parts, cuts } = await inPieces(core, request)
    expect(parts).toEqual(whole)
    expect(cuts).toBe(whole.length)
    expect(core.evaluatedTokens - before).toBe(needed)
  })

  it('goes on with its own seed, where the request has none', async () => {
    const request = question('Go on.', { temperature: 1, maxOutputTokens: 30 })
    expect((await inPieces(core, request, 5)).parts).toEqual(await partsOf(core, request))
  })

  it('after all of it, or before any of it, is the same', async () => {
    const request = question('Go on.', { temperature: 1, seed: 5, maxOutputTokens: 8, stop: ['and'] })
    const whole = await partsOf(core, request)
    for (const take of [whole.length - 1, whole.length])
      expect((await inPieces(core, request, take)).parts).toEqual(whole)
  })
})

describe('a state of gguf()', () => {
  const request = question('Go on.', { maxOutputTokens: 20 })
  let state: Record<string, unknown>

  beforeAll(async () => {
    const controller = new AbortController()
    const call = fakeDriverCall({ signal: controller.signal })
    state = (await cut(core, core.stream!(request, call), { call, controller, take: 6 })).state as typeof state
  })

  const refusal = (given: unknown, asked = request, by = core) =>
    failure((async () => void (await by.restore!(given, asked, fakeDriverCall())[Symbol.asyncIterator]().next()))())

  it('of another model, or to another request, is refused', async () => {
    expect(await refusal(state, request, other)).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    expect(await refusal(state, { ...request, temperature: 1 })).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    expect(await refusal(state, question('Go away.'))).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
  })

  it('that is damaged, or none at all, never reaches the engine', async () => {
    const before = core.evaluatedTokens
    const memory = Uint8Array.from(state['memory'] as Uint8Array)
    memory[memory.length >> 1]! ^= 1
    const tokens = Uint32Array.from(state['tokens'] as Uint32Array)
    tokens[0]! += 1
    const damaged = [
      { ...state, memory },
      { ...state, tokens },
      { ...state, yielded: 2 },
      { ...state, memory: undefined },
    ]
    for (const given of [...damaged, {}, null, 'state', { ...state, format: 'other' }])
      expect(await refusal(given)).toMatchObject({ code: 'AIOS_CORRUPT' })
    expect(core.evaluatedTokens).toBe(before)
  })

  it('is only there while the answer is', async () => {
    const none = Promise.resolve().then(() => core.save?.(fakeDriverCall()))
    expect(await failure(none)).toMatchObject({ code: 'AIOS_NOT_FOUND' })
  })
})

/** Is the core for one kernel after another: opening it takes seconds. */
function kept(given: Partial<LlmDriver> = {}): LlmDriver {
  const { id, model, resume, capabilities } = core
  return {
    ...{ kind: 'llm', id, model, resume, capabilities, limits: { concurrency: 1 } },
    stream: (request, call) => core.stream!(request, call),
    save: (call) => core.save!(call),
    restore: (state, request, call) => core.restore!(state, request, call),
    ...given,
  }
}

describe('the kernel over gguf()', () => {
  const ONE = question('Tell me of the kernel.', { temperature: 1, seed: 1, maxOutputTokens: 70 })
  const TWO = question('Tell me of the queue.', { maxOutputTokens: 50 })
  const THREE = question('Tell me of the slot.', { temperature: 0.8, seed: 3, maxOutputTokens: 60 })

  it('lets three agents share one slot by slices, and each gets the answer it would get alone', async () => {
    const alone = await Promise.all([ONE, TWO, THREE].map(async (request) => textOf(await partsOf(core, request))))
    for (const quantumTokens of [1, 5, 16]) {
      await using kernel = await createTestKernel({ llm: kept(), policies: { llm: roundRobin({ quantumTokens }) } })
      const events = recordEvents(kernel, 'syscall:preempted')
      const before = core.evaluatedTokens
      const replies = await Promise.all(
        [ONE, TWO, THREE].map((request, index) => kernel.sys({ name: `agent ${index}` }).llm.chat(request)),
      )
      expect(replies.map(({ text }) => text)).toEqual(alone)
      expect(events.names.length).toBeGreaterThan(2)
      const read = replies.reduce((sum, { usage }) => sum + usage.input.total! + usage.output.total!, 0)
      // Of each answer the last token is never read, only drawn; nothing is read again.
      expect(core.evaluatedTokens - before).toBeLessThanOrEqual(read)
      expect(replies.map(({ usage }) => usage.overhead ?? 0)).toEqual([0, 0, 0])
    }
  })

  it('takes a suspended process off the model in the middle of a word, and it goes on when it is resumed', async () => {
    await using kernel = await createTestKernel({ llm: kept() })
    const saved = recordEvents(kernel, 'context:saved')
    const parts: StreamPart[] = []
    const child = kernel.spawn(async (sys) => {
      for await (const part of sys.llm.stream(ONE)) if (parts.push(part) === 12) child.suspend()
      return textOf(parts)
    }, undefined)
    while (saved.names.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const second = await kernel.sys({ name: 'other' }).llm.chat(TWO)
    expect(second.text).toBe(textOf(await partsOf(core, TWO)))
    expect(parts.length).toBeLessThan(20)
    child.resume()
    expect(await child.result).toBe(textOf(await partsOf(core, ONE)))
  })
})

it('an answer that was cut goes on in another engine of the same model, as after a restart', async () => {
  const request = question('Go on.', { temperature: 1, seed: 9, maxOutputTokens: 40 })
  const whole = await partsOf(core, request)
  const controller = new AbortController()
  const call = fakeDriverCall({ signal: controller.signal })
  const { parts, state } = await cut(core, core.stream!(request, call), { call, controller, take: 15 })
  await core.close?.()
  await core.open?.(fakeDriverServices(virtualClock()))
  const rest: StreamPart[] = []
  for await (const part of core.restore!(state, request, fakeDriverCall())) rest.push(part)
  expect([...parts, ...rest]).toEqual(whole)
  const drawn = rest.reduce((sum, part) => sum + (part.type === 'text-delta' ? (part.tokens ?? 0) : 0), 0)
  // Each token is drawn after one was read; so is the one that ends the answer. Nothing of the prompt is read again.
  expect(core.evaluatedTokens).toBe(finishOf(rest).finish.raw === 'eos' ? drawn + 1 : drawn)
}, 60_000)
