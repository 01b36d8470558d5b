import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { roundRobin, type CoreRequest, type StreamPart } from '@aios/kernel'
import { createTestKernel, fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import type { HuggingfaceCore } from '@aios/llm/huggingface'
import { failure } from '../core/asking.js'
import { partsOf, question, textOf } from '../local/parts.js'
import { cut, inPieces } from '../local/pieces.js'
import { openCore, saying, tinyFolders } from './tiny-core.js'

// The engine computes for real, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 })

const files = tinyFolders()
const folder = files.make('tiny')
const CALL = 'Adding.\n<tool_call>\n{"name": "add", "arguments": {"a":[1,2]}}\n</tool_call>'
let core: HuggingfaceCore
let other: HuggingfaceCore

beforeAll(async () => {
  const logits = saying(({ tools }) => (tools === undefined ? undefined : CALL))
  core = await openCore(folder, { batch: 2, logits })
  other = await openCore(files.make('other', { seed: 2 }), { id: 'tiny' })
}, 60_000)
afterAll(async () => {
  await core.close?.()
  await other.close?.()
  files.remove()
})

const ADD = { name: 'add', description: 'Adds.', inputSchema: { type: 'object' } }
const REQUESTS: readonly (readonly [string, CoreRequest])[] = [
  ['with the likeliest tokens', question('Go on.', { maxOutputTokens: 30 })],
  ['with a seed', question('Go on, é 🌍.', { temperature: 1.1, seed: 11, maxOutputTokens: 40 })],
  ['with a call', question('Add.', { tools: [ADD] })],
]

describe('an answer of huggingface() that was cut', () => {
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
    const request = question('Go on.', { temperature: 1, maxOutputTokens: 20 })
    expect((await inPieces(core, request, 5)).parts).toEqual(await partsOf(core, request))
  })

  it('shares one slot with others by slices, and is what it would be alone', async () => {
    const requests = [1, 2, 3].map((seed) => question('Tell me.', { temperature: 1, seed, maxOutputTokens: 24 }))
    const alone = await Promise.all(requests.map(async (request) => textOf(await partsOf(core, request))))
    const { id, model, resume, capabilities } = core
    await using kernel = await createTestKernel({
      llm: {
        ...{ kind: 'llm', id, model, resume, capabilities, limits: { concurrency: 1 } },
        stream: (request, call) => core.stream!(request, call),
        save: (call) => core.save!(call),
        restore: (state, request, call) => core.restore!(state, request, call),
      },
      policies: { llm: roundRobin({ quantumTokens: 4 }) },
    })
    const replies = await Promise.all(requests.map((request, at) => kernel.sys({ name: `${at}` }).llm.chat(request)))
    expect(replies.map(({ text }) => text)).toEqual(alone)
  })
})

describe('a state of huggingface()', () => {
  const request = question('Go on.', { maxOutputTokens: 20 })
  const taken = async (take: number) => {
    const controller = new AbortController()
    const call = fakeDriverCall({ signal: controller.signal })
    return cut(core, core.stream!(request, call), { call, controller, take })
  }
  const refusal = (given: unknown, asked = request, by = core) =>
    failure((async () => void (await by.restore!(given, asked, fakeDriverCall())[Symbol.asyncIterator]().next()))())

  it('of another model or request, or damaged, never reaches the engine', async () => {
    const state = (await taken(6)).state as Record<string, unknown>
    expect(await refusal(state, request, other)).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    expect(await refusal(state, question('Go away.'))).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    const memory = Uint8Array.from(state['memory'] as Uint8Array)
    memory[memory.length >> 1]! ^= 1
    for (const given of [{ ...state, memory }, {}, null])
      expect(await refusal(given)).toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it('goes on in another engine of the same model, as after a restart, and reads nothing again', async () => {
    const whole = await partsOf(core, request)
    const { parts, state } = await taken(12)
    await core.close?.()
    await core.open?.(fakeDriverServices(virtualClock()))
    const rest: StreamPart[] = []
    for await (const part of core.restore!(state, request, fakeDriverCall())) rest.push(part)
    expect([...parts, ...rest]).toEqual(whole)
    expect(core.evaluatedTokens).toBeLessThanOrEqual(20)
  })
})
