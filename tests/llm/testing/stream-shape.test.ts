import type { StreamPart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { checkStreamShape } from '../../../packages/llm/src/testing/stream-shape.js'

const START: StreamPart = { type: 'start' }
const FINISH: StreamPart = { type: 'finish', finish: { unified: 'stop' }, usage: { input: {}, output: {} } }
const text = (type: 'start' | 'end', id = 't'): StreamPart => ({ type: `text-${type}`, id })
const delta = (id = 't', said = 'a'): StreamPart => ({ type: 'text-delta', id, text: said })
const input = (id: string): StreamPart => ({ type: 'tool-input-start', id, name: 'add' })
const more = (id: string): StreamPart => ({ type: 'tool-input-delta', id, text: '{}' })
const call = (id: string, inputText = '{}'): StreamPart => ({
  type: 'tool-call',
  id,
  name: 'add',
  input: {},
  inputText,
})

describe('checkStreamShape', () => {
  it('accepts a well-formed answer', () => {
    const parts = [START, text('start'), delta(), text('end'), input('1'), more('1'), call('1'), call('2'), FINISH]
    expect(() => {
      checkStreamShape(parts)
    }).not.toThrow()
  })

  it.each<[string, StreamPart[], string]>([
    ['no start', [FINISH], 'one start, first'],
    ['two starts', [START, START, FINISH], 'one start, first'],
    ['no finish', [START], 'one finish, last'],
    ['parts after the finish', [START, FINISH, delta()], 'one finish, last'],
    ['text outside of a block', [START, delta(), FINISH], 'within its block'],
    ['text of another block', [START, text('start'), delta('u'), text('end'), FINISH], 'within its block'],
    ['an empty piece', [START, text('start'), delta('t', ''), text('end'), FINISH], 'no empty pieces'],
    ['a block in a block', [START, text('start'), text('start', 'u'), FINISH], 'to end before another'],
    ['an end without a start', [START, text('end'), FINISH], 'of an open block'],
    ['a block left open', [START, text('start'), FINISH], 'to be closed'],
    ['an id used twice', [START, text('start'), text('end'), text('start'), text('end'), FINISH], 'twice'],
    ['a tool input without a call', [START, input('1'), FINISH], 'a tool-call after the input'],
    ['tool input outside of one', [START, more('1'), FINISH], 'an open tool input'],
    ['a call twice', [START, call('1'), call('1'), FINISH], 'got two'],
    ['a call unlike its input', [START, input('1'), more('1'), call('1', '[]'), FINISH], 'what was streamed'],
  ])('rejects %s', (_, parts, message) => {
    expect(() => {
      checkStreamShape(parts)
    }).toThrow(message)
  })
})
