import { AiosError, dropToolOutput, fitContext, prune, type FittedContext, type Message } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputBound } from '../../../packages/kernel/src/syscall/chat/estimate.js'
import { alwaysKept, broken, talk, type Talk } from './conversations.js'

const limits = fc.integer({ min: 20, max: 4_000 })

/** Fits a conversation, or returns undefined if it cannot be. */
async function fitted(messages: readonly Message[], options: Parameters<typeof fitContext>[1]) {
  return fitContext(messages, options).catch((error: unknown): FittedContext | undefined => {
    if (AiosError.is(error, 'AIOS_LLM_CONTEXT_OVERFLOW')) return undefined
    throw error
  })
}

const keptTokens = (given: Talk) => {
  const kept = alwaysKept(given)
  return inputBound({ messages: given.messages.filter((_, index) => kept.has(index)) })
}

describe('fitContext', () => {
  it('keeps order, pairs, pins and the newest, is never above the limit, and rejects only if what is kept does not fit', async () => {
    let [trimmed, rejected] = [0, 0]
    await fc.assert(
      fc.asyncProperty(talk, limits, fc.nat(4), async (given, maxTokens, keepToolResults) => {
        const steps = [dropToolOutput({ keepToolResults }), prune()]
        const result = await fitted(given.messages, { maxTokens, steps })
        if (result === undefined) {
          rejected += 1
          expect(keptTokens(given)).toBeGreaterThan(maxTokens)
          return
        }
        expect(broken(given, result.messages)).toBeUndefined()
        expect(inputBound({ messages: result.messages })).toBe(result.afterTokens)
        expect(result.afterTokens).toBeLessThanOrEqual(maxTokens)
        if (result.steps.length > 0) trimmed += 1
        expect(result.steps.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(result.beforeTokens - result.afterTokens)
      }),
      { numRuns: 1_000 },
    )
    expect(Math.min(trimmed, rejected)).toBeGreaterThan(50)
  })

  it('drops by pruning alone what must go and nothing that must not, exactly until the kept parts do not fit', async () => {
    await fc.assert(
      fc.asyncProperty(talk, limits, async (given, maxTokens) => {
        const result = await fitted(given.messages, { maxTokens, steps: [prune()] })
        expect(result === undefined).toBe(keptTokens(given) > maxTokens)
        if (result === undefined) return
        expect(broken(given, result.messages)).toBeUndefined()
        // Not one part changes: a message is there as the object it was, or gone.
        expect(result.messages.every((message) => given.messages.includes(message))).toBe(true)
        const dropped = result.steps.reduce((sum, { messages }) => sum + messages, 0)
        expect(dropped).toBe(given.messages.length - result.messages.length)
      }),
      { numRuns: 1_000 },
    )
  })

  it('changes nothing about what it has fitted', async () => {
    await fc.assert(
      fc.asyncProperty(talk, limits, async (given, maxTokens) => {
        const once = await fitted(given.messages, { maxTokens })
        if (once === undefined) return
        const twice = await fitContext(once.messages, { maxTokens })
        expect(twice.messages).toBe(once.messages)
        expect(twice.steps).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('leaves the given messages as they are', async () => {
    await fc.assert(
      fc.asyncProperty(talk, limits, async (given, maxTokens) => {
        const before = structuredClone(given.messages)
        await fitted(given.messages, { maxTokens })
        expect(given.messages).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })

  it('keeps the limit and the invariants also with a tokenizer that is no sum over messages', async () => {
    const countTokens = ({ messages }: { readonly messages: readonly Message[] }) =>
      Promise.resolve(messages.length ** 2 + Math.ceil(inputBound({ messages }) / 7))
    await fc.assert(
      fc.asyncProperty(talk, fc.integer({ min: 20, max: 800 }), async (given, maxTokens) => {
        const result = await fitted(given.messages, { maxTokens, countTokens })
        if (result === undefined) return
        expect(broken(given, result.messages)).toBeUndefined()
        expect(await countTokens(result)).toBeLessThanOrEqual(maxTokens)
        expect(result.source).toBe('core')
      }),
      { numRuns: 300 },
    )
  })

  it('takes the room for the answer and for tools from the window', async () => {
    const messages: Message[] = [
      { role: 'user', content: 'a'.repeat(100) },
      { role: 'user', content: 'b' },
    ]
    const all = inputBound({ messages })
    expect((await fitContext(messages, { maxTokens: all })).messages).toBe(messages)
    expect((await fitContext(messages, { maxTokens: all, reserveOutputTokens: 1 })).messages).toEqual([messages[1]])
    const tools = [{ name: 't', description: '', inputSchema: {} }]
    expect((await fitContext(messages, { maxTokens: all, tools })).messages).toEqual([messages[1]])
  })

  it('says the arithmetic when what is kept does not fit', async () => {
    const failing = fitContext([{ role: 'user', content: 'x'.repeat(100) }], { maxTokens: 90, reserveOutputTokens: 10 })
    await expect(failing).rejects.toMatchObject({
      code: 'AIOS_LLM_CONTEXT_OVERFLOW',
      details: { windowTokens: 90, reservedTokens: 10, limitTokens: 80, afterTokens: 116, source: 'estimated' },
      message: expect.stringMatching(/at most 80 tokens \(a window of 90 less 10 .*got 116 .*dropToolOutput, prune/),
    })
  })

  it('refuses options that cannot be', async () => {
    const messages: Message[] = [{ role: 'user', content: 'x' }]
    const bad: readonly [unknown, string][] = [
      [{}, '"maxTokens"'],
      [{ maxTokens: 0 }, '"maxTokens"'],
      [{ maxTokens: 10, reserveOutputTokens: 10 }, '"reserveOutputTokens"'],
      [{ maxTokens: 10, reserveOutputTokens: -1 }, '"reserveOutputTokens"'],
      [{ maxTokens: 10, steps: [{}] }, '"steps[0]"'],
      [{ maxTokens: 10, step: [] }, '"step"'],
    ]
    for (const [options, name] of bad) {
      await expect(fitContext(messages, options as never)).rejects.toMatchObject({
        code: 'AIOS_INVALID_OPTION',
        message: expect.stringContaining(name),
      })
    }
    await expect(fitContext([{ role: 'robot', content: 'x' }] as never, { maxTokens: 10 })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
    await expect(fitContext(messages, { maxTokens: 10, countTokens: () => Number.NaN })).rejects.toThrow('whole number')
    expect((await fitContext([], { maxTokens: 10 })).messages).toEqual([])
  })
})
