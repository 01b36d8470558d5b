import { ramRecords, type Agent, type RecordStore, type Sys } from '@aios/kernel'
import { defineTool, tools } from '@aios/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { liveOn, type Life } from './next-life.js'

/** Longer than agents of a recorded run may do nothing. */
const IDLE = 20_000
const forever = (): Promise<never> => new Promise<never>(() => undefined)
const letter = (to: string): { name: string; input: { to: string } } => ({ name: 'send', input: { to } })

function post(sent: string[], hangs: () => boolean = () => false): ReturnType<typeof tools> {
  const send = defineTool({
    name: 'send',
    description: 'Sends a letter.',
    input: z.object({ to: z.string() }),
    execute: async ({ to }) => {
      sent.push(to)
      if (hangs()) await forever()
      return to
    },
  })
  return tools([send])
}

async function threeNumbers(sys: Sys): Promise<readonly number[]> {
  const all: number[] = []
  for (const max of [1, 2, 3]) all.push(await sys.random.int({ min: max, max }))
  return all
}

async function livedThree(records: RecordStore): Promise<void> {
  const first = await liveOn(records, async (sys) => {
    await threeNumbers(sys)
    return forever()
  })
  const { lines } = await first.die()
  expect(lines).toHaveLength(4)
}

/** Ends a life, and shows that the run is not over: an agent that fits takes it up. */
async function finishes(records: RecordStore, life: Life): Promise<void> {
  expect((await life.die()).header).toMatchObject({ state: 'running', halted: 'AIOS_REPLAY_DIVERGED' })
  const next = await liveOn(records, threeNumbers)
  expect(await next.process.result).toEqual([1, 2, 3])
}

describe('an agent that ends before it has done what its run holds', () => {
  it('diverges if it returns, and its run stays open for an agent that fits', async () => {
    const records = ramRecords()
    await livedThree(records)
    const second = await liveOn(records, (sys) => sys.random.int({ min: 1, max: 1 }))
    await second.kernel.clock.advance(IDLE)
    await expect(second.process.result).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining(
        'expected random.int (line 3, call 2), got the end of the agent, which returned',
      ) as string,
      details: { expected: { n: 3, path: '2', name: 'random.int', request: { min: 2, max: 2 } } },
    })
    await finishes(records, second)
  })

  it('diverges if it throws, with what it threw as the cause', async () => {
    const records = ramRecords()
    await livedThree(records)
    const broken = new Error('no good')
    const second = await liveOn(records, () => {
      throw broken
    })
    await second.kernel.clock.advance(IDLE)
    await expect(second.process.result).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining(
        '(line 2, call 1), got the end of the agent, which threw: Error: no good',
      ) as string,
      cause: broken,
    })
    await finishes(records, second)
  })

  it('diverges if a call whose outcome nobody knows is left over', async () => {
    const records = ramRecords()
    const sent: string[] = []
    const sends: Agent<unknown, unknown> = async (sys) => (await sys.tool.call(letter('ada'))).output
    const first = await liveOn(records, sends, { tools: post(sent, () => true) })
    await first.die()
    const second = await liveOn(records, () => 'sent nothing', { tools: post(sent) })
    await expect(second.process.result).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringContaining('expected tool.call (line 2, call 1), got the end of the agent') as string,
    })
    await second.die()
    const third = await liveOn(records, sends, { tools: post(sent) })
    await expect(third.process.result).rejects.toMatchObject({ code: 'AIOS_OUTCOME_UNKNOWN' })
    expect(sent).toEqual(['ada'])
  })

  it('ends as it was ended when somebody kills it meanwhile', async () => {
    const records = ramRecords()
    await livedThree(records)
    const second = await liveOn(records, () => 'nothing done')
    second.process.kill('enough')
    await second.kernel.clock.advance(IDLE)
    await expect(second.process.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    expect((await second.die()).header.state).toBe('killed')
  })
})

describe('an agent that ends while others of its run are answered', () => {
  it('ends after what it did not wait for came as it had', async () => {
    const records = ramRecords()
    let isFirst = true
    const heard: number[] = []
    const agent: Agent<unknown, unknown> = async (sys) => {
      void threeNumbers(sys).then((all) => heard.push(...all))
      const own = await sys.random.int({ min: 9, max: 9 })
      return isFirst ? forever() : own
    }
    const first = await liveOn(records, agent)
    await first.die()
    isFirst = false
    heard.length = 0
    const second = await liveOn(records, agent)
    expect(await second.process.result).toBe(9)
    expect(heard).toEqual([1, 2, 3])
    expect((await second.die()).header.state).toBe('fulfilled')
  })

  it('ends after its children did what they had done, and does not wait for what they do next', async () => {
    const records = ramRecords()
    let isFirst = true
    const sent: string[] = []
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.agent.spawn({
        name: 'child',
        agent: async (own) => {
          await threeNumbers(own)
          await own.tool.call(letter('ada'))
          await own.clock.sleep({ ms: 1_000_000 })
        },
      })
      return isFirst ? forever() : 'returned'
    }
    const first = await liveOn(records, agent, { tools: post(sent) })
    await first.die()
    isFirst = false
    const second = await liveOn(records, agent, { tools: post(sent) })
    expect(await second.process.result).toBe('returned')
    expect(sent).toEqual(['ada'])
    const { header, lines } = await second.die()
    expect(header.state).toBe('fulfilled')
    expect(lines.slice(-2)).toMatchObject([{ row: 'clock.sleep', outcome: 'cancelled' }, { kind: 'end' }])
  })

  it('does not wait for what a child had under way and does not ask for', async () => {
    const records = ramRecords()
    let isFirst = true
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.agent.spawn({
        name: 'child',
        agent: (own) => (isFirst ? own.clock.sleep({ ms: 1_000_000 }) : forever()),
      })
      return isFirst ? forever() : 'returned'
    }
    const first = await liveOn(records, agent)
    await first.die()
    isFirst = false
    const second = await liveOn(records, agent)
    expect(await second.process.result).toBe('returned')
  })
})
