import { describe, expect, it } from 'vitest'
import type { CoreRequest, Resume, StreamPart } from '@aios/kernel/driver'
import { Generation } from '../../../packages/kernel/src/preemption/generation.js'

const ASK: CoreRequest = { messages: [{ role: 'user', content: 'Hello?' }] }
const delta = (text: string, tokens?: number): StreamPart => ({ type: 'text-delta', id: 't', text, tokens })
const CALL: StreamPart = { type: 'tool-call', id: 'c', name: 'x', input: {}, inputText: '{}' }

function generated(resume: Resume, parts: readonly StreamPart[], request = ASK): Generation {
  const generation = new Generation(resume, request)
  for (const part of parts) generation.add(part)
  return generation
}

describe('where an answer can be cut', () => {
  const cases: readonly (readonly [string, readonly StreamPart[], boolean, boolean])[] = [
    ['in a text', [delta('Hel')], true, true],
    ['between texts', [delta('Hel'), { type: 'text-end', id: 't' }], true, true],
    ['while it thinks', [{ type: 'reasoning-start', id: 'r' }], false, false],
    [
      'after it thought',
      [{ type: 'reasoning-delta', id: 'r', text: 'hm' }, { type: 'reasoning-end', id: 'r' }, delta('Hel')],
      true,
      false,
    ],
    ['in a tool call', [{ type: 'tool-input-start', id: 'c', name: 'x' }], false, false],
    ['in the arguments of one', [{ type: 'tool-input-delta', id: 'c', text: '{' }], false, false],
    ['after a tool call', [{ type: 'tool-input-start', id: 'c', name: 'x' }, CALL, delta('Hel')], true, false],
    ['after a signed text', [delta('Hel'), { type: 'text-end', id: 't', opaque: { p: 1 } }, delta('lo')], true, false],
    [
      'after a file',
      [{ type: 'part', part: { type: 'file', mediaType: 'image/png', data: '' } }, delta('Hel')],
      true,
      false,
    ],
  ]

  it.each(cases)('%s', (...[, parts, state, prefix]) => {
    expect(generated('state', parts).cuttable).toBe(state)
    expect(generated('prefix', parts).cuttable).toBe(prefix)
    expect(generated('none', parts).cuttable).toBe(false)
  })

  it('is nowhere in JSON', () => {
    const request: CoreRequest = { ...ASK, responseFormat: { type: 'json' } }
    expect(generated('state', [delta('{')], request).cuttable).toBe(false)
  })
})

describe('what was generated', () => {
  it('has the tokens that the core counted, and an estimate of the others', () => {
    expect(generated('none', [delta('Hello', 1), delta('12345678'), delta('x', Number.NaN)]).tokens).toBe(1 + 3)
  })

  it('keeps texts only where a core is told them', () => {
    const parts: StreamPart[] = [
      delta('one'),
      { type: 'text-end', id: 't' },
      { type: 'text-start', id: 'u' },
      { type: 'text-delta', id: 'u', text: 'two' },
    ]
    expect(generated('prefix', parts)).toMatchObject({ texts: ['one', 'two'], open: 'two', chars: 6 })
    expect(generated('state', parts).texts).toEqual([])
    expect(generated('prefix', []).open).toBe('')
  })

  it('has not begun with a start and a description', () => {
    expect(generated('none', [{ type: 'start' }, { type: 'response-metadata' }]).begun).toBe(false)
    expect(generated('none', [{ type: 'text-start', id: 't' }]).begun).toBe(true)
  })
})
