import { ramRecords, type Agent, type RecordStore } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { testBed } from '../test-bed.js'
import { liveOn } from './next-life.js'

const keeper: Agent<unknown, unknown> = (sys) => sys.clock.sleep({ ms: 60_000 })
const root: Agent<unknown, unknown> = async (sys) => {
  await sys.agent.spawn({ name: 'keeper', detached: true, agent: keeper })
}
const key = (runId: string): Uint8Array => Buffer.from(runId)

/** Lets a root end before a detached process of it, damages what the store holds, and tells why nobody takes that up. */
async function whyNot(damage: (records: RecordStore) => Promise<unknown>): Promise<unknown> {
  const records = ramRecords()
  const first = await liveOn(records, root)
  await first.die()
  await damage(records)
  const kernel = await testBed({ records, journal: true })
  const { processes, unrecovered } = await kernel.recover({ agents: { keeper } })
  expect(processes).toEqual([])
  expect(unrecovered).toMatchObject([{ runId: 'r/orphan-1', why: 'unreadable' }])
  return unrecovered[0]?.message
}

describe('a detached process that outlived its root is not taken up', () => {
  it('if the run that it left is gone', async () => {
    expect(await whyNot((records) => records.remove('journal/runs', key('r')))).toBe(
      'Run "r", in which others began, is not in the journal any more.',
    )
  })

  it('if nobody can tell which run it left', async () => {
    const why = await whyNot(async (records) => {
      const found = await records.get('journal/runs', key('r/orphan-1'))
      const header = JSON.parse(Buffer.from(found?.value ?? []).toString()) as object
      await records.put('journal/runs', key('r/orphan-1'), Buffer.from(JSON.stringify({ ...header, from: 'r' })))
    })
    expect(why).toBe('Run r/orphan-1 in the journal cannot be read: where it comes from is damaged.')
  })

  it('if the run that it left began with what a newer version made of it', async () => {
    const why = await whyNot(async (records) => {
      const found = await records.get('journal/runs', key('r'))
      const header = JSON.parse(Buffer.from(found?.value ?? []).toString()) as object
      await records.put('journal/runs', key('r'), Buffer.from(JSON.stringify({ ...header, schema: 99 })))
    })
    expect(why).toContain('Expected a journal of schema 1 or older, got 99 in run r')
  })
})
