import type { StreamPart } from '@aios/kernel'
import { checkStreamShape } from '../../../packages/llm/src/testing/stream-shape.js'
import { describe, expect, it } from 'vitest'
import { functionNames } from '../../../packages/llm/src/gemini/function-names.js'
import { GenerateReader } from '../../../packages/llm/src/gemini/generate-reader.js'
import { fromGenerated } from '../../../packages/llm/src/gemini/generate-reply.js'
import { generated, type Said } from './generated.js'

const reading = { names: functionNames([]), host: 'h', makeId: (n: number) => `made_${n}` }

function read(...chunks: Said[]): StreamPart[] {
  const reader = new GenerateReader(reading)
  const parts = [...chunks.flatMap((chunk) => reader.read(generated(chunk))), ...reader.end()]
  checkStreamShape([{ type: 'start' }, ...parts])
  return parts.filter(({ type }) => type !== 'response-metadata')
}
const types = (parts: readonly StreamPart[]) => parts.map(({ type }) => type)
const STOP: Said = { finish: 'STOP' }
const signed = (text: string, signature: string) => ({ parts: [{ text, thoughtSignature: signature }] })

describe('GenerateReader', () => {
  it('says once who answers', () => {
    const reader = new GenerateReader(reading)
    const parts = [...reader.read(generated()), ...reader.read(generated())]
    expect(parts).toEqual([{ type: 'response-metadata', responseId: 'resp-1', model: 'gemini-test' }])
  })

  it('ends a text with the signature that comes last, also with an empty piece', () => {
    const text = { parts: [{ text: 'Hi' }] }
    const opaque = { google: { host: 'h', signature: 's' } }
    expect(read(text, signed('', 's'), STOP)[2]).toEqual({ type: 'text-end', id: '1', opaque })
    expect(read(text, signed('!', 's'), STOP)[3]).toEqual({ type: 'text-end', id: '1', opaque })
    expect(read(text, STOP)[2]).toEqual({ type: 'text-end', id: '1' })
  })

  it('keeps a signature without a text in a text of its own, and two signatures apart', () => {
    const call = { parts: [{ functionCall: { name: 'f' } }] }
    expect(types(read(call, signed('', 's'), STOP)).slice(4)).toEqual(['text-start', 'text-end', 'finish'])
    expect(types(read(signed('a', 's'), signed('b', 't'), STOP))).toEqual([
      ...['text-start', 'text-delta', 'text-end', 'text-start', 'text-delta', 'text-end'],
      'finish',
    ])
  })

  it('keeps thoughts apart from the text, marked with where they came from', () => {
    const parts = read({ parts: [{ text: 'Hm', thought: true }] }, { parts: [{ text: 'Hi' }] }, STOP)
    expect(types(parts)).toEqual([
      ...['reasoning-start', 'reasoning-delta', 'reasoning-end', 'text-start', 'text-delta', 'text-end'],
      'finish',
    ])
    expect(parts[2]).toEqual({ type: 'reasoning-end', id: '1', opaque: { google: { host: 'h' } } })
  })

  it('keeps text, calls, files and what only Google knows in the order they came', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } }
    const all = [
      { text: 'a' },
      { functionCall: { name: 'f', willContinue: true } },
      { text: 'b' },
      { inlineData: { mimeType: 'image/png', data: 'QUJD' }, thoughtSignature: 's' },
      code,
      { functionCall: { name: 'g' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
    ]
    const parts = read(...all.map((part) => ({ parts: [part] })), STOP)
    const kinds = parts.flatMap((part) => {
      if (part.type === 'text-delta') return [part.text]
      if (part.type === 'tool-call') return [part.name]
      return part.type === 'part' ? [part.part.type === 'custom' ? part.part.kind : part.part.type] : []
    })
    expect(kinds).toEqual(['a', 'f', 'b', 'file', 'google.executableCode', 'g', 'google.codeExecutionResult'])
    expect(parts.find((part) => part.type === 'part' && part.part.type === 'custom')).toEqual({
      type: 'part',
      part: { type: 'custom', kind: 'google.executableCode', value: code, opaque: { google: { host: 'h' } } },
    })
  })

  it('names each source once, and keeps what the provider found at the end', () => {
    const web = { uri: 'https://a.example', title: 'A' }
    const candidate = { groundingMetadata: { groundingChunks: [{ web }], webSearchQueries: ['a'] } }
    const citations = { citationMetadata: { citationSources: [{ uri: 'https://b.example' }] } }
    const parts = read({ candidate }, { candidate: { ...candidate, ...citations } }, STOP)
    expect(parts.flatMap((part) => (part.type === 'part' ? [part.part] : []))).toEqual([
      { type: 'source', url: 'https://a.example', title: 'A' },
      { type: 'source', url: 'https://b.example' },
      { type: 'custom', kind: 'google.groundingMetadata', value: candidate.groundingMetadata },
    ])
  })

  it('keeps what the provider says of an end that is out of the ordinary', () => {
    const said = (finish: string) => read({ finish, candidate: { finishMessage: 'Malformed: f(' } })
    expect(said('MALFORMED_FUNCTION_CALL')).toEqual([
      { type: 'part', part: { type: 'custom', kind: 'google.finishMessage', value: 'Malformed: f(' } },
      {
        type: 'finish',
        finish: { unified: 'other', raw: 'MALFORMED_FUNCTION_CALL' },
        usage: { input: {}, output: {} },
      },
    ])
    expect(types(said('STOP'))).toEqual(['finish'])
  })

  it('counts the tokens of each piece as the provider counts on', () => {
    const usage = (candidatesTokenCount: number, thoughtsTokenCount?: number) => ({
      candidatesTokenCount,
      thoughtsTokenCount,
    })
    const parts = read(
      { parts: [{ text: 'Hm', thought: true }], usage: usage(0, 7) },
      { parts: [{ text: 'a' }, { text: 'b' }], usage: usage(5, 7) },
      { parts: [{ text: 'c' }] },
      { parts: [{ text: 'd' }], usage: usage(9, 7), finish: 'STOP' },
    )
    const counted = parts.flatMap((part) =>
      part.type === 'text-delta' || part.type === 'reasoning-delta' ? [part.tokens] : [],
    )
    expect(counted).toEqual([7, 5, 0, undefined, 4])
    expect(parts.at(-1)).toMatchObject({ usage: { output: { total: 16, text: 9, reasoning: 7 } } })
  })

  it('is finished with the finish reason, and incomplete without', () => {
    const reader = new GenerateReader(reading)
    reader.read(generated({ parts: [{ text: 'Hi' }] }))
    expect(reader.isFinished).toBe(false)
    expect(() => reader.end()).toThrow('Expected a finish reason')
    reader.read(generated(STOP))
    expect(reader.isFinished).toBe(true)
  })

  it('throws where a prompt is refused, and makes nothing of what it does not know', () => {
    const reader = new GenerateReader(reading)
    expect(() => reader.read({ promptFeedback: { blockReason: 'OTHER' } })).toThrow('refusal of the prompt: OTHER')
    const odd = [{}, null, 'x', { candidates: [null, 5] }, { candidates: [{ content: { parts: 'x' } }] }]
    for (const chunk of odd) expect(reader.read(chunk)).toEqual([])
    expect(reader.read({ candidates: [{ index: 1, content: { parts: [{ text: 'Other' }] } }] })).toEqual([])
  })
})

describe('fromGenerated', () => {
  it('brings the parts in order, with sources after them', () => {
    const parts = [{ text: 'Hm', thought: true }, { text: 'a' }, { text: '' }, { functionCall: { name: 'f' } }]
    const candidate = { citationMetadata: { citations: [{ uri: 'https://b.example' }] } }
    const reply = fromGenerated(generated({ parts, finish: 'STOP', candidate }), reading)
    expect(reply.parts.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call', 'source'])
    expect(reply).toMatchObject({ finish: { unified: 'tool-calls', raw: 'STOP' }, model: 'gemini-test' })
  })

  it('rejects what is no response', () => {
    for (const body of [{}, 'x', { candidates: [] }]) {
      expect(() => fromGenerated(body, reading)).toThrow('Expected a response with a candidate')
    }
    expect(fromGenerated({ candidates: [{}] }, reading)).toMatchObject({ parts: [], finish: { unified: 'other' } })
  })
})
