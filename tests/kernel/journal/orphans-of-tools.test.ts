import { listRuns, ramRecords, type Agent, type RecordStore } from '@aios/kernel'
import { defineTool, tools, type Tool } from '@aios/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { liveOn, type Life } from './next-life.js'

const LATER = 60_000
const helper: Agent<unknown, unknown> = async (sys, input) => {
  const before = await sys.random.int({ min: 3, max: 3 })
  await sys.clock.sleep({ ms: LATER })
  return [input, before]
}
const hires: Agent<unknown, unknown> = async (sys) => {
  await sys.clock.sleep({ ms: 100 })
  const { output } = await sys.tool.call({ name: 'hire', input: {} })
  await sys.clock.sleep({ ms: 10 * LATER })
  return output
}

function hire(execute: Tool['execute']): ReturnType<typeof tools> {
  return tools([defineTool({ name: 'hire', description: 'Has somebody do it.', input: z.object({}), execute })])
}

async function states(records: RecordStore): Promise<Readonly<Record<string, string>>> {
  const all: Record<string, string> = {}
  for await (const { runId, state } of listRuns(records)) all[runId] = state
  return all
}

/** Takes up what a tool left, while the root of its run goes on by itself. */
async function takenUp(records: RecordStore): Promise<Life> {
  expect(await states(records)).toEqual({ r: 'running', 'r/orphan-2.1': 'running' })
  const life = await liveOn(records, hires, { tools: hire(() => 'not called') })
  const { processes, unrecovered } = await life.kernel.recover({ agents: { helper } })
  expect(unrecovered).toEqual([])
  await life.kernel.clock.advance(2 * LATER)
  expect(await processes[0]?.result).toEqual([{ n: 1 }, 3])
  expect(await states(records)).toEqual({ r: 'running', 'r/orphan-2.1': 'fulfilled' })
  return life
}

describe('a detached process that a tool spawned, and that outlived the call of the tool', () => {
  it('is taken up by its name beside its root, which does not spawn it again', async () => {
    const records = ramRecords()
    const spawning = hire(async (_, { sys }) => {
      await sys.agent.spawn({ name: 'helper', detached: true, input: { n: 1 }, agent: helper })
      return 'hired'
    })
    const first = await liveOn(records, hires, { tools: spawning })
    await first.kernel.clock.advance(1_000)
    await first.die()
    const second = await takenUp(records)
    await second.kernel.clock.advance(10 * LATER)
    expect(await second.process.result).toBe('hired')
  })

  it('is so also if no syscall spawned it', async () => {
    const records = ramRecords()
    const spawning = hire(() => {
      life.kernel.spawn(helper, { n: 1 }, { name: 'helper', detached: true })
      return 'hired'
    })
    const life = await liveOn(records, hires, { tools: spawning })
    await life.kernel.clock.advance(1_000)
    await life.die()
    await takenUp(records)
  })

  it('stays where it was until the tool is done, and comes again with the tool', async () => {
    const records = ramRecords()
    let hangs = true
    const spawning = tools([
      defineTool({
        name: 'hire',
        description: 'Has somebody do it, and waits a while.',
        input: z.object({}),
        idempotent: true,
        execute: async (_, { sys }) => {
          await sys.agent.spawn({ name: 'helper', detached: true, input: { n: 1 }, agent: helper })
          if (hangs) await new Promise<never>(() => undefined)
          return 'hired'
        },
      }),
    ])
    const first = await liveOn(records, hires, { tools: spawning })
    await first.kernel.clock.advance(1_000)
    await first.die()
    expect(await states(records)).toEqual({ r: 'running' })
    hangs = false
    const second = await liveOn(records, hires, { tools: spawning })
    await second.kernel.clock.advance(20 * LATER)
    expect(await second.process.result).toBe('hired')
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-2.1': 'fulfilled' })
    const { lines } = await second.kernel.readRun('r/orphan-2.1')
    expect(lines.filter((line) => 'row' in line && line.row === 'random.int')).toHaveLength(1)
  })
})
