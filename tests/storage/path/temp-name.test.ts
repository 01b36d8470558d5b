import { describe, expect, it } from 'vitest'
import { isTempName, tempName, tempPid } from '../../../packages/storage/src/path/temp-name.js'

describe('tempName', () => {
  it('makes names that are known again, with the process that made them', () => {
    const name = tempName(4_711, 12)
    expect([isTempName(name), tempPid(name)]).toEqual([true, 4_711])
  })

  it('makes another name for every try', () => {
    expect(new Set([tempName(1, 1), tempName(1, 2), tempName(2, 1), tempName(12, 1), tempName(1, 21)]).size).toBe(5)
  })

  it('stays far below the 255 bytes that a file system takes', () => {
    expect(tempName(4_294_967_295, Number.MAX_SAFE_INTEGER).length).toBeLessThan(64)
  })
})

describe('isTempName', () => {
  it('makes no difference between upper and lower case, as some file systems make none', () => {
    expect(isTempName(tempName(1, 2).toUpperCase())).toBe(true)
  })

  it.each(['.aios-1.tmp', 'aios-1-2.tmp', '.aios-1-2.tmp.txt', 'x.aios-1-2.tmp', '.aios-a-b.tmp', ''])(
    'leaves %j to callers',
    (name) => {
      expect([isTempName(name), tempPid(name)]).toEqual([false, undefined])
    },
  )
})
