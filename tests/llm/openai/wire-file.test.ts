import { describe, expect, it } from 'vitest'
import { toWireFile } from '../../../packages/llm/src/openai/wire-file.js'

const file = (mediaType: string, data: Uint8Array | string, filename?: string) =>
  toWireFile({ type: 'file', mediaType, data, filename })

describe('toWireFile', () => {
  it.each([
    ['bytes', Uint8Array.of(1, 2, 3), 'data:image/png;base64,AQID'],
    ['a view of bytes', Uint8Array.of(0, 1, 2, 3).subarray(1), 'data:image/png;base64,AQID'],
    ['base64', 'AQID', 'data:image/png;base64,AQID'],
    ['a data URL', 'data:image/png;base64,AQID', 'data:image/png;base64,AQID'],
    ['a web address', 'https://example.com/a.png', 'https://example.com/a.png'],
  ])('sends an image given as %s as a URL', (_, data, url) => {
    expect(file('image/png', data)).toEqual({ type: 'image_url', image_url: { url } })
  })

  it('sends wav and mp3 as audio, without a data URL around them', () => {
    expect(file('audio/mpeg', 'data:audio/mpeg;base64,AQID')).toEqual({
      type: 'input_audio',
      input_audio: { data: 'AQID', format: 'mp3' },
    })
    expect(file('audio/wav', Uint8Array.of(1, 2, 3))).toMatchObject({ input_audio: { data: 'AQID', format: 'wav' } })
  })

  it('sends everything else as a document with a name', () => {
    expect(file('application/pdf', 'AQID')).toEqual({
      type: 'file',
      file: { file_data: 'data:application/pdf;base64,AQID', filename: 'file.pdf' },
    })
    expect(file('application/pdf', 'AQID', 'plan.pdf')).toMatchObject({ file: { filename: 'plan.pdf' } })
  })

  it('refuses a web address of anything but an image', () => {
    expect(() => file('application/pdf', 'https://example.com/a.pdf')).toThrow(
      expect.objectContaining({
        code: 'AIOS_UNSUPPORTED',
        message: expect.stringContaining('application/pdf') as unknown,
      }),
    )
  })
})
