import { AiosError, createKernel, defineSyscall, listRuns, ramRecords, readRun } from '@aios/kernel'
import type { Agent, Kernel, KernelOptions, RecordStore } from '@aios/kernel'
import type { RecordWrite } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { orphanKey, orphanMark, orphanOf, undoneKey } from '../../../packages/kernel/src/journal/journal-keys.js'
import { orphanId } from '../../../packages/kernel/src/journal/run-header.js'

const any = defineSyscall({ name: 'x.any', effect: 'repeatable', request: z.any(), execute: () => 'ok' })
const ends =
  (text: string): Agent<unknown, string> =>
  async (sys) => {
    await sys.clock.sleep({ ms: 30 })
    await sys.random.next()
    return text
  }
const kernelOn = (records: RecordStore, options: Partial<KernelOptions> = {}): Promise<Kernel> =>
  createKernel({ syscalls: [any], journal: true, records, ...options })

/** Makes a store that refuses some writes for good, and all that would be committed with them. */
function picky(refuses: (write: RecordWrite) => boolean): RecordStore {
  const records = ramRecords()
  const batch = records.batch.bind(records)
  return Object.assign(records, {
    batch: async (writes: readonly RecordWrite[]) => {
      if (writes.some(refuses)) throw new AiosError('AIOS_INVALID_OPTION', 'this one I do not take')
      await batch(writes)
    },
  })
}
const holds = (text: string) => (write: RecordWrite) =>
  write.op === 'put' && write.space === 'journal/lines' && Buffer.from(write.value).includes(text)

describe('a request that holds itself', () => {
  it('is one that runs outlive, and that is found again', async () => {
    const records = ramRecords()
    const kernel = await kernelOn(records)
    const other = kernel.run(ends('fine'), 0, { runId: 'other' })
    const agent: Agent<unknown, unknown> = async (sys) => {
      const round: Record<string, unknown> = {}
      round['self'] = round
      const map = new Map<unknown, unknown>()
      return [
        await sys.call('x.any', round),
        await sys.call('x.any', map.set('m', map)),
        await sys.call('x.any', Object(1n)),
      ]
    }
    expect(await kernel.run(agent, 0, { runId: 'round' })).toEqual(['ok', 'ok', 'ok'])
    expect(await other).toBe('fine')
    expect((await readRun(records, 'round')).lines).toHaveLength(5)
    await kernel.close()
  })
})

describe('a run of which the store refuses something', () => {
  it('ends alone, halted, and can be taken up from there by a store that takes it', async () => {
    let isPicky = true
    const refuses = holds('poison')
    const records = picky((write) => isPicky && refuses(write))
    const kernel = await kernelOn(records)
    const other = kernel.run(ends('fine'), 0, { runId: 'other' })
    const agent: Agent<unknown, string> = async (sys) => {
      await sys.random.next()
      await sys.call('x.any', 'poison')
      await sys.clock.sleep({ ms: 10_000 })
      return 'never'
    }
    await expect(kernel.run(agent, 0, { runId: 'bad' })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(await other).toBe('fine')
    expect(await kernel.run(ends('later'), 0, { runId: 'later' })).toBe('later')
    const { header, lines } = await readRun(records, 'bad')
    expect(header).toMatchObject({ state: 'running', halted: 'AIOS_INVALID_OPTION' })
    expect(lines.map(({ kind }) => kind)).toEqual(['start', 'call'])
    isPicky = false
    const through: Agent<unknown, string> = async (sys) => {
      await sys.random.next()
      return String(await sys.call('x.any', 'poison'))
    }
    expect(await kernel.run(through, 0, { runId: 'bad' })).toBe('ok')
    await kernel.close()
  })

  it('is told where its end is what is refused', async () => {
    const kernel = await kernelOn(picky(holds('poison')))
    const other = kernel.run(ends('fine'), 0, { runId: 'other' })
    await expect(kernel.run(() => Promise.resolve('poison'), 0, { runId: 'bad' })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
    expect(await other).toBe('fine')
    await kernel.close()
  })

  it('ends with its detached processes', async () => {
    const kernel = await kernelOn(picky(holds('poison')))
    const agent: Agent<unknown, string> = async (sys) => {
      await sys.agent.spawn({ name: 'd', detached: true, agent: ends('never') })
      return String(await sys.call('x.any', 'poison')) + String(await sys.clock.sleep({ ms: 10_000 }))
    }
    await expect(kernel.run(agent, 0, { runId: 'bad' })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(kernel.ps().map(({ name, state }) => [name, state])).toEqual([
      ['agent', 'exited'],
      ['d', 'exited'],
    ])
    await kernel.close()
  })
})

describe('a result that is larger than any record', () => {
  it('goes to the agent, and nobody resumes past it', async () => {
    const records = ramRecords()
    const big = defineSyscall({
      name: 'x.big',
      effect: 'repeatable',
      request: z.any(),
      execute: () => new Uint8Array(268_435_456),
    })
    const kernel = await kernelOn(records, { syscalls: [big] })
    const other = kernel.run(ends('fine'), 0, { runId: 'other' })
    const agent: Agent<unknown, number> = async (sys) => ((await sys.call('x.big', {})) as Uint8Array).length
    expect(await kernel.run(agent, 0, { runId: 'big' })).toBe(268_435_456)
    expect(await other).toBe('fine')
    const call = (await readRun(records, 'big')).lines.find((line) => line.kind === 'call')
    expect(call?.result).toEqual({ codec: 'x', why: 'too-large' })
    await expect(kernel.run(agent, new Uint8Array(268_435_456), { runId: 'input' })).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
      message: expect.stringContaining('takes more than 267386880 bytes') as string,
    })
    await kernel.close()
  })
})

describe('the longest run id', () => {
  const runId = '漢'.repeat(256)

  it('leaves room for what detached processes leave it with', async () => {
    const records = ramRecords()
    const kernel = await kernelOn(records)
    const agent: Agent<unknown, number> = async (sys) => {
      await sys.agent.spawn({ name: 'd', detached: true, agent: ends('d') })
      return 1
    }
    expect(await kernel.run(agent, 0, { runId })).toBe(1)
    await kernel.run(ends('fine'), 0)
    await kernel.run(ends('fine'), 0)
    const ids: string[] = []
    for await (const header of listRuns(records)) if (header.from?.runId === runId) ids.push(header.runId)
    expect(ids).toEqual([`${runId}/orphan-1`])
    expect((await readRun(records, ids[0] ?? '')).header.state).toBe('fulfilled')
    await kernel.close()
  })

  it('fits with all that stands behind it; short keys are what they were', () => {
    const path = Array.from({ length: 200 }, (_, at) => at + 100).join('.')
    const id = orphanId(`${runId}/${path}`)
    expect(id).toMatch(/\/orphan-~[\w-]{32}$/)
    for (const key of [orphanKey(id, id), undoneKey(id, path)]) expect(key.length).toBeLessThanOrEqual(1_024)
    expect(orphanOf(orphanMark(id, id))).toBe(id)
    expect(orphanId('r/1.2')).toBe('r/orphan-1.2')
    expect(orphanMark('r', 'r/orphan-1')).toEqual({ key: Buffer.from('r\0r/orphan-1'), value: new Uint8Array() })
    expect(orphanOf({ key: Buffer.from('r\0r/orphan-1'), value: new Uint8Array() })).toBe('r/orphan-1')
    expect(Buffer.from(undoneKey('r', '1.2')).toString()).toBe('r\0' + '1.2')
  })
})
