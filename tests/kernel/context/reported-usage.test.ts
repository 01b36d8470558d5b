import type { Message } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { ReportedUsage } from '../../../packages/kernel/src/context/reported-usage.js'
import { inputBound } from '../../../packages/kernel/src/syscall/chat/estimate.js'

const user = (text: string): Message => ({ role: 'user', content: text })
const messages = [user('a'.repeat(100)), user('b'.repeat(100))]
const more = [user('c'.repeat(50))]

function learned(total: number | undefined, options: { estimated?: boolean } = {}): ReportedUsage {
  const reported = new ReportedUsage()
  reported.learn('core', { messages }, { input: { total }, output: {}, ...options })
  return reported
}

describe('ReportedUsage', () => {
  it('counts a conversation by what was reported for its beginning and the bound of the rest', () => {
    expect(learned(70).count('core', { messages })).toBe(70)
    expect(learned(70).count('core', { messages: [...messages, ...more] })).toBe(70 + inputBound({ messages: more }))
  })

  it('takes the longest beginning', () => {
    const reported = learned(70)
    const longer = [...messages, ...more]
    reported.learn('core', { messages: longer }, { input: { total: 90 }, output: {} })
    expect(reported.count('core', { messages: longer })).toBe(90)
    expect(reported.count('core', { messages })).toBe(70)
  })

  it('knows nothing of another core, of other tools, of equal but other messages, or of a part of what it knows', () => {
    const reported = learned(70)
    const tools = [{ name: 't', description: '', inputSchema: {} }]
    expect(reported.count('other', { messages })).toBeUndefined()
    expect(reported.count('core', { messages, tools })).toBeUndefined()
    expect(reported.count('core', { messages: structuredClone(messages) })).toBeUndefined()
    expect(reported.count('core', { messages: messages.slice(1) })).toBeUndefined()
    expect(reported.count('core', { messages: messages.slice(0, 1) })).toBeUndefined()
  })

  it('takes tools for the same whose descriptions are, and a format only if it is the same object', () => {
    const inputSchema = {}
    const tools = () => [{ name: 't', description: 'd', inputSchema }]
    const reported = new ReportedUsage()
    reported.learn('core', { messages, tools: tools() }, { input: { total: 70 }, output: {} })
    expect(reported.count('core', { messages, tools: tools() })).toBe(70)
    expect(reported.count('core', { messages, tools: [{ name: 't', description: 'e', inputSchema }] })).toBeUndefined()
    expect(reported.count('core', { messages, tools: tools(), responseFormat: { type: 'json' } })).toBeUndefined()
  })

  it('takes no estimate, no absent number, and none that is too small to be true', () => {
    expect(learned(70, { estimated: true }).count('core', { messages })).toBeUndefined()
    expect(learned(undefined).count('core', { messages })).toBeUndefined()
    expect(learned(1).count('core', { messages })).toBeUndefined()
    expect(learned(Number.NaN).count('core', { messages })).toBeUndefined()
  })
})
