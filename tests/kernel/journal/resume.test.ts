import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, type Agent, type Kernel } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'

const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})

async function kernelOn(records: ReturnType<typeof ramRecords>, answers: readonly string[]): Promise<Kernel> {
  return createKernel({ llm: scriptedCore([...answers]), records, journal: true })
}

const two: Agent<string, string> = async (sys, question) => {
  const first = await sys.llm.chat(ask(question))
  const second = await sys.llm.chat(ask(`${first.text}?`))
  return `${first.text} ${second.text}`
}

describe('a run with an id', () => {
  it('returns its finished answer when it is asked for again, without a device', async () => {
    const records = ramRecords()
    const before = await kernelOn(records, ['one', 'two'])
    expect(await before.run(two, 'q', { runId: 'r1' })).toBe('one two')
    await before.close()

    const after = await createKernel({ records, journal: true })
    expect(await after.run(two, 'q', { runId: 'r1' })).toBe('one two')
    await after.close()
  })

  it('goes on where it was when its kernel was closed in its midst', async () => {
    const records = ramRecords()
    const before = await kernelOn(records, ['one', 'two'])
    let arrived: (() => void) | undefined
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const stuck: Agent<string, string> = async (sys, question) => {
      const first = await sys.llm.chat(ask(question))
      arrived?.()
      await new Promise(() => undefined)
      return first.text
    }
    const running = before.run(stuck, 'q', { runId: 'r2' })
    running.catch(() => undefined)
    await there
    await before.close()
    await expect(running).rejects.toMatchObject({ code: 'AIOS_CLOSED' })

    const after = await kernelOn(records, ['second'])
    expect(await after.run(two, 'q', { runId: 'r2' })).toBe('one second')
    await after.close()
  })
})
