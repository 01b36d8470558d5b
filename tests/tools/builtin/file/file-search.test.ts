import type { Clock } from '@aios/kernel'
import { fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { FileSearch } from '../../../../packages/tools/src/builtin/file/file-search.js'
import { CallContext } from '../../../../packages/tools/src/registry/call-context.js'
import { rejection } from '../../open-tools.js'

const has = (part: string) => ({ lineChars: Infinity, matches: (line: string) => line.includes(part) })
const context = (clock: Clock = virtualClock(), signal?: AbortSignal) =>
  new CallContext(fakeDriverCall({ signal }), clock)

async function search(content: string, part: string, limit = 10) {
  const found = new FileSearch(has(part), limit, context())
  await found.scan('f', content)
  return found
}

it('numbers lines from 1 and drops either kind of line break', async () => {
  const { matches } = await search('x1\r\ny\nx2\n\nx3', 'x')
  expect(matches).toEqual([
    { path: 'f', line: 1, text: 'x1' },
    { path: 'f', line: 3, text: 'x2' },
    { path: 'f', line: 5, text: 'x3' },
  ])
})

it('reads a lone carriage return as an empty line, and nothing at all as no line', async () => {
  expect((await search('\r\n\r', '')).matches.map(({ line, text }) => [line, text])).toEqual([
    [1, ''],
    [2, ''],
  ])
  expect((await search('', '')).matches).toEqual([])
})

it('shows the beginning of a long line and how long it is', async () => {
  const { matches } = await search(`${'y'.repeat(1_000)}x`, 'x')
  expect(matches[0]?.text).toBe(`${'y'.repeat(400)}… (1001 characters)`)
})

it('stops once it knows that there is more than it may show', async () => {
  const found = await search('x\n'.repeat(100), 'x', 3)
  expect([found.isFull, found.matches.length]).toEqual([true, 4])
  expect((await search('x\n'.repeat(3), 'x', 3)).isFull).toBe(false)
})

it('tests the beginning of a line that is longer than its matcher takes, and counts it', async () => {
  const found = new FileSearch({ lineChars: 3, matches: (line) => line.includes('x') }, 10, context())
  await found.scan('f', 'abcx\nxbcd\nabx\n')
  expect(found.matches.map(({ line }) => line)).toEqual([2, 3])
  expect(found.longLines).toBe(2)
})

describe('a long search', () => {
  /** A clock on which every look takes three milliseconds. */
  function busyClock() {
    const clock = virtualClock()
    let [now, turns] = [0, 0]
    const busy: Clock = {
      ...clock,
      now: () => (now += 3),
      defer: (callback) => {
        turns += 1
        clock.defer(callback)
      },
    }
    return { busy, turns: () => turns }
  }

  it('gives everyone else a turn every few milliseconds', async () => {
    const { busy, turns } = busyClock()
    await new FileSearch(has('x'), 10, context(busy)).scan('f', 'y\n'.repeat(90))
    expect(turns()).toBeGreaterThan(20)
    expect(turns()).toBeLessThan(50)
  })

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController()
    const { busy } = busyClock()
    const scanning = new FileSearch(has('x'), 10, context(busy, controller.signal)).scan('f', 'y\n'.repeat(1_000))
    controller.abort(new Error('enough'))
    expect((await rejection(scanning)).message).toBe('enough')
  })
})
