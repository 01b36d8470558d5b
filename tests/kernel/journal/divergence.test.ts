import { describe, expect, it } from 'vitest'
import { replay, type Agent } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { recorded } from './replayed-agents.js'

const about = (
  content: string,
  temperature: number,
): { messages: { role: 'user'; content: string }[]; temperature: number } => ({
  messages: [{ role: 'user', content }],
  temperature,
})

describe('a divergence', () => {
  it('names the recorded call that differs least, not the first that was not asked for', async () => {
    const three: Agent<string, unknown> = (sys) =>
      Promise.all([about('a', 0), about('b', 1), about('c', 0.5)].map((request) => sys.llm.chat(request)))
    const { journal } = await recorded(three, '', { llm: scriptedCore(['1', '2', '3']) })
    const other: Agent<string, unknown> = (sys) => sys.llm.chat(about('b', 0.9))
    await expect(replay(journal, other)).rejects.toMatchObject({
      details: { expected: { path: '2' }, changes: [{ at: 'temperature', before: '1', after: '0.9' }] },
    })
  })

  it('prefers a call of the same process among those that differ as much', async () => {
    const child: Agent<string, unknown> = (own) => own.llm.chat(about('child', 0))
    const parent: Agent<string, unknown> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: child, input: '', name: 'child' })
      await sys.agent.wait({ pid })
      return sys.llm.chat(about('parent', 0))
    }
    const { journal } = await recorded(parent, '', { llm: scriptedCore(['1', '2']) })
    const other: Agent<string, unknown> = (sys) => sys.llm.chat(about('other', 0))
    await expect(replay(journal, other)).rejects.toMatchObject({ details: { expected: { path: '3' } } })
  })

  it('names what comes next when no call of the row is left', async () => {
    const one: Agent<string, unknown> = (sys) => sys.llm.chat(about('a', 0))
    const { journal } = await recorded(one, '', { llm: scriptedCore(['1']) })
    await expect(replay(journal, (sys) => sys.storage.list({ path: '.' }))).rejects.toMatchObject({
      message: expect.stringContaining('expected llm.chat (line 2, call 1), got storage.list') as string,
    })
  })
})
