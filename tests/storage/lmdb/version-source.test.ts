import { describe, expect, it } from 'vitest'
import { VERSION_BLOCK, VersionSource } from '../../../packages/storage/src/lmdb/version-source.js'

describe('the source of versions', () => {
  it('takes the next block before one is used up, and asks again if it could not be had', async () => {
    const asked: (() => Promise<number>)[] = [
      () => Promise.resolve(1),
      () => Promise.reject(new Error('no turn')),
      () => Promise.resolve(5 * VERSION_BLOCK),
    ]
    let calls = 0
    const source = new VersionSource(() => asked[calls++]!())
    await source.start()
    const low = VERSION_BLOCK - 2 ** 22
    for (let at = 0; at < low; at += 1) source.next()
    expect(calls).toBe(1)
    source.next()
    await source.idle()
    expect(calls).toBe(2)
    source.next()
    await source.idle()
    expect(calls).toBe(3)
    let last = 0
    for (let at = low + 2; at < VERSION_BLOCK; at += 1) last = source.next()
    expect(last).toBe(VERSION_BLOCK)
    expect(source.next()).toBe(5 * VERSION_BLOCK)
  })

  it('refuses a version while there is none, rather than give one twice', async () => {
    let calls = 0
    const source = new VersionSource(() => (calls++ === 0 ? Promise.resolve(1) : new Promise(() => undefined)))
    await source.start()
    for (let at = 0; at < VERSION_BLOCK; at += 1) source.next()
    expect(() => source.next()).toThrow(/version for a write, got none yet/)
  })
})
