import type { Message } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blocksOf, unitsOf, without } from '../../../packages/kernel/src/context/conversation.js'
import { originOf, talk } from './conversations.js'

const user = (text: string): Message => ({ role: 'user', content: text })
const calls = (...ids: readonly string[]): Message => ({
  role: 'assistant',
  content: ids.map((id) => ({ type: 'tool-call', id, name: 't', input: {}, inputText: '{}' })),
})
const results = (...ids: readonly string[]): Message => ({
  role: 'tool',
  content: ids.map((id) => ({ type: 'tool-result', id, name: 't', output: 'ok' })),
})

describe('blocksOf', () => {
  it('joins parallel calls with their results wherever these stand, and a reused id with its latest call', () => {
    const messages = [
      calls('a', 'b'),
      results('b'),
      user('aside'),
      results('a'),
      calls('a'),
      results('a'),
      results('?'),
    ]
    expect(blocksOf(messages)).toEqual([[0, 1, 3], [2], [4, 5], [6]])
  })

  it('joins messages through a message that holds results of several', () => {
    expect(blocksOf([calls('a'), calls('b'), results('b', 'a'), user('x')])).toEqual([[0, 1, 2], [3]])
  })
})

describe('unitsOf', () => {
  it('takes past turns whole and the turn that is going on exchange by exchange', () => {
    const past = [user('1'), calls('a'), results('a'), user('2'), calls('a'), results('a')]
    const messages = [...past, user('3'), calls('a'), results('a'), calls('b'), results('b'), calls('c'), results('c')]
    expect(unitsOf(messages).map(({ blocks }) => blocks)).toEqual([[[0], [1, 2]], [[3], [4, 5]], [[7, 8]], [[9, 10]]])
  })
})

describe('without', () => {
  it('puts the marker before a call whose result stands behind what is gone', () => {
    const messages = [{ ...calls('a'), pinned: true }, user('aside'), results('a'), user('now')]
    const marker = user('marker')
    expect(without(messages, unitsOf(messages), marker)).toEqual([marker, messages[0], messages[2], messages[3]])
  })

  it('puts the marker before the newest message of the user and never between a call and its result', () => {
    const marker = user('marker')
    fc.assert(
      fc.property(talk, fc.nat(), ({ messages, pairs }, some) => {
        const units = unitsOf(messages)
        if (units.length === 0) return
        const left = without(messages, units.slice(0, 1 + (some % units.length)), marker)
        const at = left.indexOf(marker)
        const before = new Set(left.slice(0, at).map(originOf))
        const after = new Set(left.slice(at + 1).map(originOf))
        expect(left.findLastIndex(({ role }) => role === 'user')).toBeGreaterThan(at)
        for (const [call, result] of pairs) expect(before.has(call) && after.has(result)).toBe(false)
      }),
    )
  })
})
