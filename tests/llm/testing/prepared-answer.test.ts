import { scriptedCore, type ScriptedStep } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { chat, failure } from '../core/asking.js'

describe('a step', () => {
  it.each<[unknown, string]>([
    [{ txt: 'a' }, 'got "txt" in step 1 of scriptedCore().'],
    [{ text: 5 }, 'Expected a string for "text", got 5 in step 1 of scriptedCore().'],
    [{ tokens: ['a', 1] }, 'Expected a string for "tokens[1]", got 1 in step 1 of scriptedCore().'],
    [{ json: () => 1 }, 'Expected a value that JSON can carry for "json", got a function in step 1 of scriptedCore().'],
    [{ text: 'a', json: 1 }, 'Expected one of text, tokens and json, got text and json in step 1 of scriptedCore().'],
    [
      { finish: 'done' },
      '"context-overflow", "paused", "aborted", "other" for "finish", got "done" in step 1 of scriptedCore().',
    ],
    [{ toolCalls: {} }, 'Expected an array for "toolCalls", got an object with 0 keys in step 1 of scriptedCore().'],
    [{ toolCalls: [{}] }, 'Expected a string that is not empty for "toolCalls[0].name", got undefined in'],
    [{ toolCalls: [{ name: 'a', arguments: {} }] }, 'in "toolCalls[0]", got "arguments" in step 1 of scriptedCore().'],
    [
      { toolCalls: [{ name: 'a', input: 1, inputText: '1' }] },
      'Expected input or inputText, got both in tool call 1 of step 1',
    ],
    [{ usage: { input: -1 } }, 'for "usage.input", got -1 in step 1 of scriptedCore().'],
    [{ usage: { input: { total: 'x' } } }, 'for "usage.input", got an object with 1 keys in step 1 of scriptedCore().'],
    [
      { usage: { total: 1 } },
      'Expected only the keys input, output in "usage", got "total" in step 1 of scriptedCore().',
    ],
    [{ error: 'no' }, 'Expected an Error for "error", got "no" in step 1 of scriptedCore().'],
    [{ error: new Error('x'), json: 1 }, 'got "json" in step 1 of scriptedCore().'],
    [{ error: new Error('x'), text: 'a', tokens: ['a'] }, 'got text and tokens in'],
    [
      { error: new Error('x'), text: 'a b', afterTokens: 3 },
      'Expected at most 2, the number of tokens, for "afterTokens"',
    ],
    [{ error: new Error('x'), afterTokens: 1.5 }, 'Expected a whole number from 0 for "afterTokens"'],
    [{ hang: false }, 'Expected true for "hang", got false in step 1 of scriptedCore().'],
    [undefined, 'Expected a string, an object or a function, got undefined in step 1 of scriptedCore().'],
    [['a'], 'Expected a string, an object or a function, got an array of 1 in step 1 of scriptedCore().'],
  ])('that cannot be shows where the script is written: %j', (step, message) => {
    expect(() => scriptedCore([step as ScriptedStep])).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) as unknown }),
    )
  })

  it('of a function shows when it returns, with its place in the script', async () => {
    const core = scriptedCore(['fine', () => ({ txt: 'a' }) as never], { repeat: true })
    for (const index of [1, 2]) {
      await chat(core)
      const failed = await failure(chat(core))
      expect([index, failed.code, failed.message]).toEqual([
        index,
        'AIOS_INVALID_OPTION',
        expect.stringContaining('got "txt" in step 2 of scriptedCore().'),
      ])
    }
  })

  it('may leave parts of its usage open', async () => {
    const core = scriptedCore([{ usage: { input: { total: 4, cacheRead: undefined } } }, { usage: { output: 2 } }])
    expect((await chat(core)).usage).toEqual({ input: { total: 4 }, output: {} })
    expect((await chat(core)).usage).toEqual({ input: {}, output: { total: 2 } })
  })
})
