import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bareAnswer, sdk, tokenId } from '@aios/ground-huggingface'
import type { CoreRequest, StreamPart, ToolSpec } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { huggingface, type HuggingfaceCore, type LogitsInput } from '@aios/llm/huggingface'
import { failure } from '../core/asking.js'
import { finishOf, partsOf, question, textOf } from '../local/parts.js'
import { openCore, saying, tinyFolders } from './tiny-core.js'

// The engine computes for real, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 })

const files = tinyFolders()
const folder = files.make('tiny')
let core: HuggingfaceCore
/** What the model is made to say, where it is not left alone. */
let said: string | undefined
/** Sees the logits of every token. */
let see: (input: LogitsInput) => void = () => undefined

beforeAll(async () => {
  const speak = saying(() => said)
  const logits = (input: LogitsInput): void => {
    see(input)
    speak(input)
  }
  core = await openCore(folder, { batch: 3, batchSize: 64, logits })
}, 60_000)
afterAll(async () => {
  await core.close?.()
  files.remove()
})

async function told(text: string, request: CoreRequest): Promise<readonly StreamPart[]> {
  said = text
  try {
    return await partsOf(core, request)
  } finally {
    said = undefined
  }
}

const ADD: ToolSpec = { name: 'math/add', description: 'Adds.', inputSchema: { type: 'object', properties: {} } }
const OFF: ToolSpec = { ...ADD, name: 'off', description: 'Switches off.' }
const callsOf = (parts: readonly StreamPart[]) => parts.filter((part) => part.type === 'tool-call')
const warningsOf = (parts: readonly StreamPart[]) =>
  parts.flatMap((part) => (part.type === 'start' ? (part.warnings ?? []) : [])).map(({ setting }) => setting)

describe('an answer of huggingface()', () => {
  it('is what the package says without us, to the letter, and counts its tokens', async () => {
    const messages = [
      { role: 'system' as const, content: 'Be brief, é 🌍.' },
      { role: 'user' as const, content: 'Say something.' },
    ]
    const request: CoreRequest = { messages, maxOutputTokens: 60 }
    const parts = await partsOf(core, request)
    expect(textOf(parts)).toBe(await bareAnswer(folder, { messages, maxTokens: 60 }))
    const { usage, finish } = finishOf(parts)
    expect(finish).toEqual({ unified: 'length', raw: 'maxOutputTokens' })
    expect(usage).toEqual({ input: { total: await core.countTokens?.(request) }, output: { total: 60 } })
  })

  it('tells of every token in a delta, and never splits a character', async () => {
    for (let seed = 0; seed < 6; seed += 1) {
      const parts = await partsOf(core, question('Say something.', { temperature: 1.2, seed, maxOutputTokens: 40 }))
      expect(textOf(parts)).not.toContain('\uFFFD')
    }
    const parts = await told('é a 🌍', question('Say something.'))
    const deltas = parts.flatMap((part) => (part.type === 'text-delta' ? [[part.text, part.tokens]] : []))
    expect(deltas).toEqual([
      ...[
        ['é', 2],
        [' ', 1],
        ['a', 1],
        [' ', 1],
        ['🌍', 4],
      ],
    ])
  })

  it('draws the same with a seed, other words with another, and with none others for every call', async () => {
    const drawn = async (seed: number | undefined, id: number) => {
      const request = question('Go on.', { temperature: 1, seed, maxOutputTokens: 20 })
      return textOf(await partsOf(core, request, Object.assign(fakeDriverCall(), { id })))
    }
    expect(await drawn(7, 1)).toBe(await drawn(7, 2))
    expect(await drawn(7, 1)).not.toBe(await drawn(8, 1))
    expect(await drawn(undefined, 1)).not.toBe(await drawn(undefined, 2))
  })

  it('heeds topP and what providerOptions.huggingface says, which wins', async () => {
    const greedy = textOf(await partsOf(core, question('Go on.', { maxOutputTokens: 20 })))
    const wild = question('Go on.', { temperature: 2, seed: 1, maxOutputTokens: 20 })
    expect(textOf(await partsOf(core, wild))).not.toBe(greedy)
    expect(textOf(await partsOf(core, { ...wild, topP: 0.0001 }))).toBe(greedy)
    expect(textOf(await partsOf(core, { ...wild, providerOptions: { huggingface: { topK: 1 } } }))).toBe(greedy)
    const wrong = failure(partsOf(core, { ...wild, providerOptions: { huggingface: { topQ: 1 } } }))
    expect(await wrong).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
  })

  it('ends before a text of stop, which is no part of it, and by itself', async () => {
    const parts = await told('one STOP two', question('Go on.', { stop: ['STOP'] }))
    expect(textOf(parts)).toBe('one ')
    expect(finishOf(parts).finish).toEqual({ unified: 'stop', raw: 'complete' })
    expect(finishOf(await told('Done.', question('Go on.'))).finish).toEqual({ unified: 'stop', raw: 'eos' })
  })

  it('goes on from the last words of the model where it spoke last', async () => {
    const [asked, begun] = [question('Go on.', { maxOutputTokens: 24 }), 'The kernel waits']
    const messages = [...asked.messages, { role: 'assistant' as const, content: begun }]
    const whole = await core.countTokens!({ messages })
    const { messages: one } = asked
    // As many tokens as the words, and nothing that would end the turn.
    expect(whole - (await core.countTokens!({ messages: one }))).toBeLessThan(begun.length)
    expect(textOf(await partsOf(core, { ...asked, messages }))).not.toBe('')
  })

  it('ends where the window is full, and does not begin where it is from the start', async () => {
    const [room, before] = [core.contextWindow!, core.evaluatedTokens]
    expect(await failure(partsOf(core, question('word '.repeat(300))))).toMatchObject({
      code: 'AIOS_LLM_CONTEXT_OVERFLOW',
    })
    expect(core.evaluatedTokens).toBe(before)
    const { finish, usage } = finishOf(await partsOf(core, question(' queue'.repeat(970))))
    expect(finish).toEqual({ unified: 'context-overflow', raw: 'contextSize' })
    expect(usage.input.total! + usage.output.total!).toBe(room)
  })

  it('is the same beside others as alone, and more than there is room for wait', async () => {
    const requests = Array.from({ length: 7 }, (_, seed) =>
      question(`Question ${seed}.`, { temperature: 1, seed, maxOutputTokens: 15 }),
    )
    const together = await Promise.all(requests.map((request) => partsOf(core, request)))
    for (const [index, request] of requests.entries()) expect(together[index]).toEqual(await partsOf(core, request))
  })
})

describe('the logits hook of huggingface()', () => {
  it('sees every token of the vocabulary before each draw, with the prompt and the answer so far', async () => {
    const seen: { tokens: number; prompt: number; size: number; best: number }[] = []
    see = ({ tokens, prompt, logits }) => {
      seen.push({ tokens: tokens.length, prompt: prompt.length, size: logits.length, best: Math.max(...logits) })
    }
    const request = question('Go on.', { maxOutputTokens: 4 })
    await partsOf(core, request)
    see = () => undefined
    const prompt = await core.countTokens!(request)
    expect(seen.map(({ tokens }) => tokens)).toEqual([0, 1, 2, 3])
    for (const each of seen) expect(each).toMatchObject({ prompt, size: tokenId('<|endoftext|>') + 1 })
    expect(seen.every(({ best }) => Number.isFinite(best))).toBe(true)
  })

  it('rejects the call with what it throws, and lets the place go', async () => {
    see = () => {
      throw new Error('no more')
    }
    for (let round = 0; round < 4; round += 1)
      expect((await failure(partsOf(core, question('Go on.')))).message).toBe('no more')
    see = ({ logits }) => logits.fill(Number.NaN)
    expect(await failure(partsOf(core, question('Go on.')))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    see = () => undefined
    expect(textOf(await told('Still there.', question('Go on.')))).toBe('Still there.')
  })
})

describe('tools of huggingface()', () => {
  const tools = [ADD, OFF]
  const CALL = '<tool_call>\n{"name": "math_add", "arguments": {"a":2}}\n</tool_call>'

  it('are called by the marks of the chat template, more than one after text', async () => {
    const parts = await told(`Adding.\n${CALL}\n${CALL}`, question('Add.', { tools }))
    expect(callsOf(parts)).toMatchObject([
      { name: 'math/add', input: { a: 2 } },
      { name: 'math/add', input: { a: 2 } },
    ])
    expect(new Set(callsOf(parts).map(({ id }) => id)).size).toBe(2)
    expect(textOf(parts).trim()).toBe('Adding.')
    expect(finishOf(parts).finish.unified).toBe('tool-calls')
    // Not offered, it is text.
    expect(textOf(await told(CALL, question('Add.')))).toBe(CALL)
  })

  it('that are demanded are begun for the model, which goes on from there', async () => {
    const named = question('Add.', { tools, toolChoice: { tool: 'math/add' } })
    const parts = await told('{"a":3}}\n</tool_call>', named)
    expect(callsOf(parts)).toMatchObject([{ name: 'math/add', input: { a: 3 } }])
    expect(warningsOf(parts)).toEqual(['toolChoice'])
    const any = await told('off", "arguments": {}}\n</tool_call>', question('Add.', { tools, toolChoice: 'required' }))
    expect(callsOf(any)).toMatchObject([{ name: 'off', input: {} }])
    expect(await failure(partsOf(core, question('Add.', { toolChoice: 'required' })))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
    })
  })

  it('are not shown with toolChoice none', async () => {
    const plain = await core.countTokens!(question('Call.'))
    expect(await core.countTokens!(question('Call.', { tools, toolChoice: 'none' }))).toBe(plain)
    expect(await core.countTokens!(question('Call.', { tools }))).toBeGreaterThan(plain)
  })

  it('make way for JSON, which is asked for in words', async () => {
    const parts = await told('{"a":1}', question('JSON.', { tools, responseFormat: { type: 'json' } }))
    expect(textOf(parts)).toBe('{"a":1}')
    expect(warningsOf(parts)).toEqual(['tools', 'responseFormat'])
  })
})

describe('what does not fit huggingface()', () => {
  it('is a file, and a result that answers no call', async () => {
    const content = [{ type: 'file' as const, mediaType: 'image/png', data: new Uint8Array(4) }]
    expect(await failure(partsOf(core, { messages: [{ role: 'user', content }] }))).toMatchObject({
      code: 'AIOS_UNSUPPORTED',
    })
    const result = [{ type: 'tool-result' as const, id: 'none', name: 'off', output: 1 }]
    expect(await failure(partsOf(core, { messages: [{ role: 'tool', content: result }] }))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
    })
  })

  it('is a folder that is not there or not whole, and files that are cut off or foreign', async () => {
    const code = async (path: string) => (await failure(openCore(path))).code
    expect(await code(join(dirname(folder), 'none'))).toBe('AIOS_LLM_NOT_FOUND')
    const broken = (name: string, spoil: (path: string) => void): string => {
      const path = files.make(`broken-${name}`)
      spoil(join(path, name))
      return path
    }
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']) {
      const gone = broken(name.replace('/', '-'), () => undefined)
      rmSync(join(gone, name))
      expect(await code(gone), name).toBe('AIOS_LLM_NOT_FOUND')
    }
    const cutOff = broken('onnx/model.onnx', (path) => {
      truncateSync(path, 20_000)
    })
    expect(await code(cutOff)).toBe('AIOS_CORRUPT')
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
      const foreign = broken(name, (path) => {
        writeFileSync(path, readFileSync(path).subarray(0, 100))
      })
      expect(await code(foreign), name).toBe('AIOS_CORRUPT')
    }
  })

  it('is a model without a chat template, unless one is given', async () => {
    const bare = files.make('bare', { chatTemplate: null })
    expect(await failure(openCore(bare))).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    const given = await openCore(bare, { chatTemplate: '{{ messages[0].content }}' })
    expect(await given.countTokens!(question('abc'))).toBe(3)
    await given.close?.()
    writeFileSync(join(bare, 'chat_template.jinja'), '{{ messages[0].content }}!')
    const beside = await openCore(bare)
    expect(await beside.countTokens!(question('abc'))).toBe(4)
    await beside.close?.()
  })

  it('is a device that is not there', async () => {
    const missing = process.platform === 'darwin' ? 'vulkan' : 'metal'
    const error = await failure(openCore(folder, { device: missing }))
    expect(error).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    expect(error.message).toContain(missing)
  })
})

describe('a call of huggingface() that is given up', () => {
  it('gives its place back: afterwards as many answers fit as before', async () => {
    const reasons = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const controller = new AbortController()
        const call = fakeDriverCall({ signal: controller.signal })
        const iterator = core.stream!(question('Go on.'), call)[Symbol.asyncIterator]()
        for (let read = 0; read < 2 + index && index < 3; read += 1) await iterator.next()
        const rest = failure(iterator.next().then(() => iterator.next()))
        controller.abort(new Error(`reason ${index}`))
        return (await rest).message
      }),
    )
    expect(reasons).toEqual(Array.from({ length: 6 }, (_, index) => `reason ${index}`))
    const three = await Promise.all([1, 2, 3].map(() => partsOf(core, question('Go on.', { maxOutputTokens: 5 }))))
    expect(three.map((parts) => finishOf(parts).usage.output.total)).toEqual([5, 5, 5])
  })

  it('stops between two pieces of its prompt', async () => {
    const controller = new AbortController()
    const before = core.evaluatedTokens
    const call = fakeDriverCall({ signal: controller.signal })
    const iterator = core.stream!(question(' queue'.repeat(900)), call)[Symbol.asyncIterator]()
    await iterator.next()
    const rest = failure(iterator.next())
    while (core.evaluatedTokens === before) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new Error('enough'))
    expect((await rest).message).toBe('enough')
    await partsOf(core, question('Go on.', { maxOutputTokens: 1 }))
    expect(core.evaluatedTokens - before).toBeLessThan(600)
  })
})

describe('huggingface()', () => {
  it('never dials: all it needs is in the folder', async () => {
    const dial = vi.spyOn(globalThis, 'fetch')
    const packaged = vi.spyOn(sdk.env, 'fetch')
    const other = await openCore(folder)
    await partsOf(other, question('Go on.', { maxOutputTokens: 2 }))
    await other.close?.()
    await failure(openCore('models/of-nobody'))
    expect(dial).not.toHaveBeenCalled()
    expect(packaged).not.toHaveBeenCalled()
  })

  it('says what it is: its window once it is open, no grammar, an exact state', () => {
    expect(core).toMatchObject({ backend: 'huggingface', id: 'tiny', model: 'tiny', contextWindow: 1_024 })
    expect(core).toMatchObject({ resume: 'state', capabilities: { schema: false, tools: true, images: false } })
    expect(core.limits).toEqual({ concurrency: 3 })
    expect(huggingface(folder).contextWindow).toBeUndefined()
  })

  it('serves one kernel at a time, and none while it is closed', async () => {
    expect(await failure(Promise.resolve(core.open?.(fakeDriverServices())))).toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
    expect(await failure(partsOf(huggingface(folder), question('Hello.')))).toMatchObject({ code: 'AIOS_CLOSED' })
  })

  it('ends all answers when it is closed, those that wait too', async () => {
    const asked = (id: number) =>
      core.stream!(question('Go on.'), Object.assign(fakeDriverCall(), { id }))[Symbol.asyncIterator]()
    const running = [1, 2, 3].map(asked)
    for (const iterator of running) await iterator.next()
    const waiting = failure(asked(4).next())
    await new Promise((resolve) => setImmediate(resolve))
    await core.close?.()
    expect(await waiting).toMatchObject({ code: 'AIOS_CLOSED' })
    for (const iterator of running) expect(await failure(iterator.next())).toMatchObject({ code: 'AIOS_CLOSED' })
    await core.close?.()
  })
})
