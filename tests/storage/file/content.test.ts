import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeContent, textFile } from '../../../packages/storage/src/file/content.js'

/** Any text that UTF-8 can hold; much quicker to make than the library's own. */
const codePoint = fc.integer({ min: 0, max: 0x10ffff }).filter((point) => point < 0xd800 || point > 0xdfff)
const wellFormedText = fc.array(codePoint).map((points) => String.fromCodePoint(...points))

const entry = { path: 'a/b', name: 'b', kind: 'file', sizeBytes: 0, modifiedAt: 0 } as const
const encode = (content: string | Uint8Array, maxBytes = 1_000) =>
  encodeContent(content, { path: ['a', 'b'], maxBytes })

describe('encodeContent', () => {
  it('and textFile give back any well-formed text', () => {
    fc.assert(
      fc.property(wellFormedText, (text) => {
        expect(textFile({ entry, bytes: encode(text) })).toEqual({ ...entry, content: text })
      }),
    )
  })

  it('copies bytes, of a view only what it shows', () => {
    const all = Uint8Array.from([1, 2, 3, 4])
    const bytes = encode(all.subarray(1, 3))
    all.fill(9)
    expect([...bytes]).toEqual([2, 3])
    expect(bytes.buffer.byteLength).toBe(2)
  })

  it('counts bytes, not characters', () => {
    expect(encode('éé', 4).length).toBe(4)
    for (const [content, maxBytes] of [
      ['éé', 3],
      ['abc', 2],
      [new Uint8Array(5), 4],
    ] as const) {
      expect(() => encode(content, maxBytes)).toThrow(expect.objectContaining({ code: 'AIOS_QUOTA_EXCEEDED' }))
    }
  })

  it('refuses half a character rather than replacing it', () => {
    const refused = expect.objectContaining({ code: 'AIOS_INVALID_SYSCALL', message: expect.stringContaining('"a/b"') })
    for (const text of ['\ud800', 'x\udc00', '\udc00\ud800']) expect(() => encode(text)).toThrow(refused)
  })
})

describe('textFile', () => {
  it('keeps a byte order mark', () => {
    expect(textFile({ entry, bytes: Uint8Array.from([0xef, 0xbb, 0xbf, 0x61]) }).content).toBe('\ufeffa')
  })

  it('refuses bytes that are no UTF-8 and says how to read them', () => {
    const refused = expect.objectContaining({
      code: 'AIOS_UNSUPPORTED',
      message: expect.stringContaining('encoding: "bytes"'),
    })
    expect(() => textFile({ entry, bytes: Uint8Array.from([0x61, 0xff]) })).toThrow(refused)
  })
})
