import { describe, expect, it } from 'vitest'
import { ramRecords, type Agent } from '@aios/kernel'
import { liveOn } from './next-life.js'

const codeOf = (error: unknown): string => (error as { readonly code: string }).code

/** Sends each message to a child that listens a minute later, and returns what became of each, and what the child heard. */
function sender(messages: readonly unknown[], heard: number): Agent<unknown, unknown> {
  const child: Agent<unknown, unknown> = async (sys) => {
    await sys.clock.sleep({ ms: 60_000 })
    const all: unknown[] = []
    for (let n = 0; n < heard; n += 1) all.push((await sys.agent.receive()).message)
    return all
  }
  return async (sys) => {
    const { pid } = await sys.agent.spawn({ agent: child, name: 'child' })
    const sent: string[] = []
    for (const message of messages) sent.push(await sys.agent.send({ to: pid, message }).then(() => 'sent', codeOf))
    return [sent, await sys.agent.wait({ pid })]
  }
}

describe('a message that could not be sent', () => {
  it('is in no mailbox after a kill either', async () => {
    const records = ramRecords()
    const agent = sender(['a', 'b', 'c'], 2)
    const limits = { mailboxDepth: 2 }
    await (await liveOn(records, agent, { limits })).die()
    const { kernel, process } = await liveOn(records, agent, { limits })
    await kernel.clock.advance(30_000)
    expect(kernel.ps().find(({ name }) => name === 'child')?.mailbox).toBe(2)
    await kernel.clock.advance(60_000)
    expect(await process.result).toEqual([
      ['sent', 'sent', 'AIOS_QUEUE_FULL'],
      ['a', 'b'],
    ])
  })

  it('because nobody can copy it, leaves the run to be resumed', async () => {
    const records = ramRecords()
    const agent = sender([() => 1, 'a'], 1)
    await (await liveOn(records, agent)).die()
    const { kernel, process } = await liveOn(records, agent)
    await kernel.clock.advance(90_000)
    expect(await process.result).toEqual([['AIOS_NOT_CLONEABLE', 'sent'], ['a']])
  })
})
