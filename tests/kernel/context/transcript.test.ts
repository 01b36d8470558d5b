import { describe, expect, it } from 'vitest'
import { transcriptOf } from '../../../packages/kernel/src/context/transcript.js'

describe('transcriptOf', () => {
  it('writes down who said, called and returned what, without thoughts and bytes', () => {
    expect(
      transcriptOf([
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'secret' },
            { type: 'text', text: '' },
            { type: 'tool-call', id: '1', name: 'add', input: {}, inputText: '{"a":1}' },
            { type: 'source', url: 'https://a.example' },
            { type: 'custom', kind: 'p.q', value: 1 },
          ],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', id: '1', name: 'add', output: { sum: 3 } },
            { type: 'tool-result', id: '2', name: 'sub', output: 'no', isError: true },
          ],
        },
        { role: 'user', content: [{ type: 'file', mediaType: 'image/png', filename: 'a.png', data: 'AAAA' }] },
      ]),
    ).toBe(
      [
        'User: Hi',
        'Assistant called add({"a":1})',
        'Assistant: [source  https://a.example]',
        'Assistant: [p.q]',
        'add returned: {"sum":3}',
        'sub failed: no',
        'User: [file a.png image/png]',
      ].join('\n'),
    )
  })
})
