import type { CoreWarning, FilePart, ToolResultPart } from '@aios/kernel'
import { AiosError } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { contentState } from '../../../packages/llm/src/core/result-content.js'
import { resultContent, resultText } from '../../../packages/llm/src/core/result-text.js'

const result = (output: unknown, more: Partial<ToolResultPart> = {}): ToolResultPart => ({
  type: 'tool-result',
  id: '1',
  name: 'shot',
  output,
  ...more,
})
const content = (...parts: readonly unknown[]): ToolResultPart => result(parts, contentState(undefined))
const bytes = new Uint8Array([1, 2, 3])

/** What a provider that takes all files is shown. */
function seen(part: unknown): FilePart | string | undefined {
  const words = { text: (text: string) => text, file: (file: FilePart) => file }
  return resultContent<FilePart | string>(content(part), words, [])?.[0]
}

describe('the content of a tool’s result', () => {
  it.each([
    [{ type: 'media', mediaType: 'image/png', data: 'AQID' }, 'image/png', 'AQID'],
    [{ type: 'image-data', mediaType: 'image/png', data: 'AQID' }, 'image/png', 'AQID'],
    [{ type: 'file-data', mediaType: 'application/pdf', data: bytes, filename: 'a.pdf' }, 'application/pdf', bytes],
    [{ type: 'image-url', url: 'https://h/a' }, 'image/*', 'https://h/a'],
    [{ type: 'file-url', url: 'https://h/a' }, 'application/octet-stream', 'https://h/a'],
    [{ type: 'file', mediaType: 'image', data: { type: 'data', data: bytes } }, 'image/*', bytes],
    [
      { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://h/a') } },
      'image/png',
      'https://h/a',
    ],
    [{ type: 'file', mediaType: 'text/plain', data: { type: 'text', text: 'Hi' } }, 'text/plain', Buffer.from('Hi')],
    [{ type: 'file', mediaType: 'image/png', data: bytes }, 'image/png', bytes],
  ])('is a file where it is %j', (part, mediaType, data) => {
    expect(seen(part)).toMatchObject({ type: 'file', mediaType, data })
    expect(seen(part)).toMatchObject('filename' in part ? { filename: part.filename } : {})
  })

  it('is named by its kind and size where it cannot be sent, with a warning each', () => {
    const warnings: CoreWarning[] = []
    const parts = [
      { type: 'text', text: 'Here:' },
      { type: 'image-data', mediaType: 'image/png', data: 'AQI=' },
      { type: 'image-data', mediaType: 'image/png', data: 'data:image/png;base64,AQID' },
      { type: 'image-data', mediaType: 'image/png', data: bytes },
      { type: 'file-url', mediaType: 'image/png', url: 'https://h/a' },
      { type: 'file-id', fileId: 'f' },
      7,
    ]
    expect(resultText(content(...parts), warnings).split('\n')).toEqual([
      'Here:',
      '[image/png, 2 bytes]',
      '[image/png, 3 bytes]',
      '[image/png, 3 bytes]',
      '[image/png, https://h/a]',
      '[ai-sdk.file-id]',
      '[ai-sdk.content]',
    ])
    expect(warnings).toHaveLength(6)
    expect(warnings[0]).toMatchObject({ setting: 'messages', message: expect.stringContaining('"shot"') as string })
  })

  it('is named where the provider refuses its kind, and nothing else is hidden', () => {
    const refusing = (error: Error) => () =>
      resultContent(
        content({ type: 'media', mediaType: 'a/b', data: 'AQID' }),
        {
          text: String,
          file: () => {
            throw error
          },
        },
        [],
      )
    expect(refusing(new AiosError('AIOS_UNSUPPORTED', 'No.'))()).toEqual(['[a/b, 3 bytes]'])
    expect(refusing(new URIError('No.'))()).toEqual(['[a/b, 3 bytes]'])
    expect(refusing(new TypeError('No.'))).toThrow('No.')
  })

  it('is what is marked so: any other list is a value', () => {
    expect(resultText(result([{ type: 'text', text: 'Hi' }]), [])).toBe('[{"type":"text","text":"Hi"}]')
    expect(resultText(result('Hi', contentState(undefined)), [])).toBe('Hi')
    expect(resultText(result({ n: 1n }), [])).toBe('{"n":"1"}')
  })
})
