import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StreamPart } from '@aios/kernel'
import { AnswerBlocks } from '../../../packages/llm/src/local/answer-blocks.js'
import {
  ForcedCallReader,
  JsonReader,
  ProseReader,
  type AnswerReader,
  type ProseMarks,
} from '../../../packages/llm/src/local/answer-reader.js'
import { runs } from '../../setup/runs.js'

/** As Qwen's chat template marks calls and thoughts. */
const QWEN: ProseMarks = {
  stops: ['STOP'],
  hasTools: true,
  syntax: {
    call: {
      opens: ['<tool_call>\n{"name": "', '<tool_call>{"name": "'],
      middle: '", "arguments": ',
      closes: '}\n</tool_call>',
      around: ['<tools>', '</tools>'],
      isParallel: true,
    },
    thought: { opens: '<think>', closes: '</think>' },
  },
}
/** As the package's own marks, for templates that know no tools. */
const GENERIC: ProseMarks = {
  stops: [],
  hasTools: true,
  syntax: {
    call: { opens: ['||call: ', '||call:'], middle: '(', closes: ')', around: [], isParallel: false },
    thought: undefined,
  },
}

type Make = (blocks: AnswerBlocks) => AnswerReader

/** Reads a text in pieces of one token each; returns what became of it. */
function read(make: Make, pieces: readonly string[]): { parts: readonly StreamPart[]; isDone: boolean } {
  const blocks = new AnswerBlocks((index) => `id-${index}`)
  const reader = make(blocks)
  let isDone = false
  for (const piece of pieces) {
    blocks.count(1)
    isDone = reader.read(piece)
    if (isDone) break
  }
  reader.end()
  return { parts: blocks.take(), isDone }
}

const prose =
  (marks: ProseMarks): Make =>
  (blocks) =>
    new ProseReader(blocks, marks, (name) => name.toUpperCase())

/** Joins what was said, by kind; calls by name and input. */
function said(parts: readonly StreamPart[]): unknown[] {
  const all: unknown[] = []
  let last: { type: string; text: string } | undefined
  for (const part of parts) {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      if (last === undefined) all.push((last = { type: part.type.slice(0, -6), text: '' }))
      last.text += part.text
    } else if (part.type === 'tool-call') all.push({ call: part.name, input: part.input, invalid: part.invalid })
    else if (part.type.endsWith('-end')) last = undefined
  }
  return all
}

const calling =
  '<think>Which?</think>Let me see. <tool_call>\n{"name": "add", "arguments": {"a": "}\\n)"}}\n</tool_call>'
const MEANING = [
  { type: 'reasoning', text: 'Which?' },
  { type: 'text', text: 'Let me see. ' },
  { call: 'ADD', input: { a: '}\n)' }, invalid: undefined },
]

describe('ProseReader', () => {
  it('tells thoughts, text and calls apart, however the text comes in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: calling.length }), { maxLength: 40 }), (cuts) => {
        const at = [...new Set([0, ...cuts, calling.length])].sort((a, b) => a - b)
        const pieces = at.slice(1).map((to, index) => calling.slice(at[index], to))
        expect(said(read(prose(QWEN), pieces).parts)).toEqual(MEANING)
      }),
      { numRuns: runs(200, 10_000) },
    )
  })

  it('reads several calls where the template allows them, and drops what stands around them', () => {
    const two = `<tools>${calling.slice(calling.indexOf('<tool_call>'))}\n<tool_call>{"name": "b", "arguments": }\n</tool_call></tools>\n`
    const { parts, isDone } = read(prose(QWEN), [...two])
    expect(isDone).toBe(false)
    expect(said(parts)).toEqual([MEANING[2], { call: 'B', input: {}, invalid: undefined }])
    expect(parts.filter((part) => part.type === 'tool-call').map(({ id }) => id)).toEqual(['id-0', 'id-1'])
  })

  it('is done after one call where the template allows no more', () => {
    const { parts, isDone } = read(prose(GENERIC), ['Sure. ', '||call', ': add(', '{"a": ', '1})', ' more'])
    expect(isDone).toBe(true)
    expect(said(parts)).toEqual([
      { type: 'text', text: 'Sure. ' },
      { call: 'ADD', input: { a: 1 }, invalid: undefined },
    ])
  })

  it('keeps what is no call: marks without tools, a mark that is not completed, a name without arguments', () => {
    const text = (marks: ProseMarks, given: string) => said(read(prose(marks), [...given]).parts)
    const plain = '||call: add(1)'
    expect(text({ ...GENERIC, hasTools: false }, plain)).toEqual([{ type: 'text', text: plain }])
    expect(text(GENERIC, 'a ||cal')).toEqual([{ type: 'text', text: 'a ||cal' }])
    expect(text(GENERIC, 'a ||call: add')).toEqual([{ type: 'text', text: 'a ||call: add' }])
  })

  it('marks arguments that break off, and does not lose them', () => {
    const { parts } = read(prose(GENERIC), ['||call: add(', '{"a": '])
    expect(parts.at(-1)).toMatchObject({ type: 'tool-call', name: 'ADD', inputText: '{"a": ', input: undefined })
    expect(said(parts)).toMatchObject([{ invalid: expect.stringContaining('no JSON') as string }])
  })

  it('ends at a text of stop, of which nothing is told, nor of what follows', () => {
    const { parts, isDone } = read(prose(QWEN), ['Go ', 'on S', 'TOP and', ' on'])
    expect(isDone).toBe(true)
    expect(said(parts)).toEqual([{ type: 'text', text: 'Go on ' }])
  })

  it('begins with a thought where the template opens it', () => {
    const marks = { ...QWEN, syntax: { ...QWEN.syntax, thought: { opens: undefined, closes: '</think>' } } }
    expect(said(read(prose(marks), ['Hm.</th', 'ink>Yes.']).parts)).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Yes.' },
    ])
  })

  it('counts the tokens of held text with the text, and those of thoughts as thoughts', () => {
    const blocks = new AnswerBlocks(String)
    const reader = new ProseReader(blocks, QWEN, String)
    for (const piece of ['<thi', 'nk>', 'So', '.', '</think>', 'A ', '<', 'b']) {
      blocks.count(1)
      reader.read(piece)
    }
    reader.end()
    const told = blocks.take().map((part) => ('tokens' in part ? part.tokens : 0))
    expect(told.reduce((sum: number, tokens = 0) => sum + tokens, 0)).toBe(8)
    expect(blocks.reasoningTokens).toBe(4)
  })
})

describe('JsonReader', () => {
  it('ends with the value: the white space that a grammar adds is none of it', () => {
    const { parts, isDone } = read((blocks) => new JsonReader(blocks), ['{"a"', ':[1]', '}\n\n', '\n'])
    expect(isDone).toBe(true)
    expect(said(parts)).toEqual([{ type: 'text', text: '{"a":[1]}' }])
  })
})

describe('ForcedCallReader', () => {
  const forced: Make = (blocks) => new ForcedCallReader(blocks, (name) => name.toUpperCase())
  const whole = '{\n "name": "a\\"b", "arguments": {"x": [1, "}"]}\n}'

  it('streams the arguments once the name is known, and is done when they are', () => {
    const { parts, isDone } = read(forced, [...whole])
    expect(isDone).toBe(true)
    expect(parts[0]).toEqual({ type: 'tool-input-start', id: 'id-0', name: 'A"B' })
    expect(parts.filter(({ type }) => type === 'tool-input-delta').length).toBeGreaterThan(5)
    expect(said(parts)).toEqual([{ call: 'A"B', input: { x: [1, '}'] }, invalid: undefined }])
  })

  it('keeps what there is when it is cut short', () => {
    expect(said(read(forced, ['{"name": "a']).parts)).toEqual([{ type: 'text', text: '{"name": "a' }])
    expect(said(read(forced, ['{"name": "a", "arguments": {"x"']).parts)).toMatchObject([
      { call: 'A', input: undefined },
    ])
  })
})
