import { expect, it } from 'vitest'
import { toWireFile } from '../../../packages/llm/src/gemini/wire-file.js'

const file = (data: Uint8Array | string) => toWireFile({ type: 'file', mediaType: 'application/pdf', data })

it('sends a web address as such, and everything else as base64', () => {
  const fileUri = 'https://a.example/b.pdf'
  expect(file(fileUri)).toEqual({ fileData: { mimeType: 'application/pdf', fileUri } })
  const inline = { inlineData: { mimeType: 'application/pdf', data: 'QUJD' } }
  expect(file('QUJD')).toEqual(inline)
  expect(file('data:application/pdf;base64,QUJD')).toEqual(inline)
  expect(file(new Uint8Array(Buffer.from('xABCx')).subarray(1, 4))).toEqual(inline)
})
