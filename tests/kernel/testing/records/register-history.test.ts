import { describe, expect, it } from 'vitest'
import {
  checkHistory,
  type RegisterOperation,
} from '../../../../packages/kernel/src/testing/records/register-history.js'

type Times = readonly [invokedAt: number, returnedAt: number]

const operation = ([from, to]: Times, seen: number, made: number | undefined): RegisterOperation => ({
  register: 1,
  invokedAt: BigInt(from),
  returnedAt: BigInt(to),
  seen,
  made,
})
const write = (times: Times, seen: number, made: number) => operation(times, seen, made)
const read = (times: Times, seen: number) => operation(times, seen, 0)
const refused = (times: Times, seen: number) => operation(times, seen, undefined)

describe('a history of registers is taken', () => {
  it.each<[string, RegisterOperation[]]>([
    ['when nothing happened', []],
    ['when writes follow one another', [write([0, 1], 0, 10), write([2, 3], 10, 20), read([4, 5], 20)]],
    ['when versions are in no order', [write([0, 1], 0, 20), write([2, 3], 20, 10), read([4, 5], 10)]],
    ['when operations overlap that can be put in an order', [write([0, 9], 0, 10), read([1, 2], 0), read([3, 4], 10)]],
    ['when a write is refused whose version was gone', [write([0, 1], 0, 10), refused([2, 3], 0)]],
    ['when a write is refused while its version may have gone', [write([0, 9], 0, 10), refused([1, 2], 0)]],
    ['when a refused write depended on what no write made', [refused([1, 2], 7)]],
  ])('%s', (_name, history) => {
    expect(() => {
      checkHistory(history.toReversed())
    }).not.toThrow()
  })

  it('whatever another register did', () => {
    const other = { ...write([0, 1], 0, 10), register: 2 }
    expect(() => {
      checkHistory([write([0, 1], 0, 10), other])
    }).not.toThrow()
  })
})

describe('a history of registers is turned away', () => {
  it.each<[string, RegisterOperation[], string]>([
    ['when an update is lost', [write([0, 5], 0, 10), write([1, 6], 0, 20)], 'an update was lost'],
    ['when a write depends on what was never there', [write([0, 1], 5, 6)], 'follow one another'],
    ['when versions go in a circle', [write([0, 1], 0, 10), write([2, 3], 10, 10)], 'used once'],
    ['when a read sees the past', [write([0, 1], 0, 10), read([2, 3], 0)], 'long gone'],
    ['when a read sees the future', [read([0, 1], 10), write([2, 3], 0, 10)], 'long gone'],
    ['when two reads see time go back', [write([0, 9], 0, 10), read([1, 2], 10), read([3, 4], 0)], 'long gone'],
    ['when a read sees what nobody wrote', [read([0, 1], 7)], 'to see what was written'],
    ['when a write is refused for nothing', [write([0, 1], 0, 10), refused([2, 3], 10)], 'got it refused'],
    ['when the first write is refused for nothing', [refused([0, 1], 0), write([2, 3], 0, 10)], 'got it refused'],
  ])('%s', (_name, history, message) => {
    expect(() => {
      checkHistory(history)
    }).toThrow(message)
  })
})
