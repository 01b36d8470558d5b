import type { FilePart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { toWireFile } from '../../../packages/llm/src/anthropic/wire-file.js'

const file = (mediaType: string, data: FilePart['data'], filename?: string) =>
  toWireFile({ type: 'file', mediaType, data, filename })

describe('toWireFile', () => {
  it.each([
    ['bytes', new TextEncoder().encode('ico')],
    ['base64', 'aWNv'],
    ['a data URL', 'data:image/png;base64,aWNv'],
  ])('sends an image given as %s', (_, data) => {
    const source = { type: 'base64', media_type: 'image/png', data: 'aWNv' }
    expect(file('image/png', data)).toEqual({ type: 'image', source })
  })

  it('sends images and PDFs by their web address', () => {
    const source = { type: 'url', url: 'https://a/b' }
    expect(file('image/png', 'https://a/b')).toEqual({ type: 'image', source })
    expect(file('application/pdf', 'https://a/b')).toEqual({ type: 'document', source })
  })

  it('sends PDFs and texts as documents with their names', () => {
    expect(file('application/pdf', 'aWNv', 'a.pdf')).toEqual({
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'aWNv' },
      title: 'a.pdf',
    })
    expect(file('text/csv', new TextEncoder().encode('a,ö'), 'a.csv')).toEqual({
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'a,ö' },
      title: 'a.csv',
    })
  })

  it.each([
    ['audio/wav', 'aWNv'],
    ['text/plain', 'https://a/b'],
  ])('has no place for %s given as %s', (mediaType, data) => {
    expect(() => file(mediaType, data)).toThrow(expect.objectContaining({ code: 'AIOS_UNSUPPORTED' }))
  })
})
