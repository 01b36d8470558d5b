import { describe, expect, it } from 'vitest'
import { fileData } from '../../../packages/llm/src/core/file-data.js'

const read = (data: Uint8Array | string) => fileData({ type: 'file', mediaType: 'text/plain', data })

describe('fileData', () => {
  it('reads only the bytes that a view shows', () => {
    expect(read(new TextEncoder().encode('xhix').subarray(1, 3))).toEqual({ base64: 'aGk=' })
  })

  it('tells web addresses from base64 and from data URLs of either kind', () => {
    expect(read('HTTPS://a/b')).toEqual({ url: 'HTTPS://a/b' })
    expect(read('aGk=')).toEqual({ base64: 'aGk=' })
    expect(read('data:text/plain;base64,aGk=')).toEqual({ base64: 'aGk=' })
    expect(read('data:,h%69')).toEqual({ base64: 'aGk=' })
  })
})
