import { scriptedCore, type ScriptedStep } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { chat, failure } from '../openai/asking.js'

describe('a step', () => {
  it.each<[unknown, string]>([
    [{ txt: 'a' }, 'for step 1 of scriptedCore(), got the key "txt".'],
    [{ text: 5 }, 'Expected a string for "text" of step 1 of scriptedCore(), got 5.'],
    [{ tokens: ['a', 1] }, 'Expected an array of strings for "tokens" of step 1 of scriptedCore(), got an array of 2.'],
    [{ json: () => 1 }, 'Expected a value that JSON can carry for "json" of step 1 of scriptedCore(), got a function.'],
    [{ text: 'a', json: 1 }, 'Expected one of text, tokens and json for step 1 of scriptedCore(), got text and json.'],
    [
      { finish: 'done' },
      'context-overflow, paused, aborted, other for "finish" of step 1 of scriptedCore(), got "done".',
    ],
    [{ toolCalls: {} }, 'Expected an array of tool calls for "toolCalls" of step 1 of scriptedCore()'],
    [{ toolCalls: [{}] }, 'Expected a name for tool call 1 of step 1 of scriptedCore(), got none.'],
    [
      { toolCalls: [{ name: 'a', arguments: {} }] },
      'for tool call 1 of step 1 of scriptedCore(), got the key "arguments".',
    ],
    [{ toolCalls: [{ name: 'a', input: 1, inputText: '1' }] }, 'Expected input or inputText for tool call 1'],
    [{ usage: { input: -1 } }, 'for "input" of usage of step 1 of scriptedCore(), got -1.'],
    [
      { usage: { input: { total: 'x' } } },
      'for "input" of usage of step 1 of scriptedCore(), got an object with 1 keys.',
    ],
    [
      { usage: { total: 1 } },
      'Expected only input, output for usage of step 1 of scriptedCore(), got the key "total".',
    ],
    [{ error: 'no' }, 'Expected an Error for "error" of step 1 of scriptedCore(), got "no".'],
    [{ error: new Error('x'), json: 1 }, 'for step 1 of scriptedCore(), got the key "json".'],
    [{ error: new Error('x'), text: 'a', tokens: ['a'] }, 'got text and tokens.'],
    [
      { error: new Error('x'), text: 'a b', afterTokens: 3 },
      'Expected at most 2, the number of tokens, for "afterTokens"',
    ],
    [{ error: new Error('x'), afterTokens: 1.5 }, 'Expected an integer, 0 or more for "afterTokens"'],
    [{ hang: false }, 'Expected true for "hang" of step 1 of scriptedCore(), got false.'],
    [undefined, 'Expected a string, an object or a function for step 1 of scriptedCore(), got undefined.'],
    [['a'], 'Expected a string, an object or a function for step 1 of scriptedCore(), got an array of 1.'],
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
        expect.stringContaining('for step 2 of scriptedCore(), got the key "txt".'),
      ])
    }
  })

  it('may leave parts of its usage open', async () => {
    const core = scriptedCore([{ usage: { input: { total: 4, cacheRead: undefined } } }, { usage: { output: 2 } }])
    expect((await chat(core)).usage).toEqual({ input: { total: 4 }, output: {} })
    expect((await chat(core)).usage).toEqual({ input: {}, output: { total: 2 } })
  })
})
