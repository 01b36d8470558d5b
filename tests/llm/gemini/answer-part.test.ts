import { expect, it } from 'vitest'
import { isText, toAnswerPart } from '../../../packages/llm/src/gemini/answer-part.js'

it('takes a text for one only where nothing else stands beside it', () => {
  expect(isText({ text: '', thought: true, thoughtSignature: 's' })).toBe(true)
  expect(isText({ text: 'a', executableCode: {} })).toBe(false)
  expect(isText({ thoughtSignature: 's' })).toBe(false)
})

it('takes for a file what can be one, and keeps the rest as it came', () => {
  const inlineData = { mimeType: 'image/png', data: 'QUJD' }
  expect(toAnswerPart({ inlineData }, 'h')).toEqual({ type: 'file', mediaType: 'image/png', data: 'QUJD' })
  const fileUri = 'https://a.example/a.png'
  expect(toAnswerPart({ fileData: { mimeType: 'image/png', fileUri } }, 'h')).toMatchObject({ data: fileUri })
  const kept = [
    { inlineData, thought: true },
    { fileData: { mimeType: 'image/png', fileUri: 'gs://a/a.png' } },
    { inlineData: { data: 'QUJD' } },
    { newThing: 1, thoughtSignature: 's' },
    { thoughtSignature: 's' },
  ]
  for (const value of kept) expect(toAnswerPart(value, 'h')).toMatchObject({ type: 'custom', value })
  expect(kept.map((part) => (toAnswerPart(part, 'h') as { kind: string }).kind)).toEqual([
    ...['google.inlineData', 'google.fileData', 'google.inlineData', 'google.newThing', 'google.part'],
  ])
})
