import { createKernel, defineSyscall, ramRecords, readRun, replay, type Agent } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { PendingEntry } from '../../../packages/kernel/src/journal/journal-entry.js'
import { decodeLine, encodeLine } from '../../../packages/kernel/src/journal/line-format.js'
import { capture, restored } from '../../../packages/kernel/src/journal/value-codec.js'

/** Writes a value into a line, and reads it from there. */
async function again(value: unknown): Promise<{ readonly value: unknown; readonly blobs: number }> {
  const blobs = new Map<string, Uint8Array>()
  const keep = (bytes: Uint8Array): string => {
    blobs.set(String(blobs.size), bytes)
    return String(blobs.size - 1)
  }
  const entry: PendingEntry = { kind: 'mail', n: 1, tick: 0, path: '', at: 0, from: 1, message: capture(value) }
  const line = await decodeLine(1, encodeLine(entry, { keep }), (name) =>
    Promise.resolve(blobs.get(name) ?? new Uint8Array()),
  )
  return { value: line.kind === 'mail' ? restored(line.message) : undefined, blobs: blobs.size }
}

describe('a large text in the journal', () => {
  it.each([
    ['that ends in half a character', `${'a'.repeat(4_999)}\ud83d`],
    ['that begins with half a character', `\ude00${'a'.repeat(100_000)}`],
    ['that begins with a byte order mark', `\ufeff${'a'.repeat(4_999)}`],
    ['of whole characters', '😀'.repeat(5_000)],
  ])('%s comes back exactly', async (_, text) => {
    expect((await again({ text, list: [text] })).value).toEqual({ text, list: [text] })
  })

  it('is one of at most 4,096 that are kept by themselves', async () => {
    const texts = Array.from({ length: 4_200 }, (__, at) => `${at}${'x'.repeat(512)}`)
    const { value, blobs } = await again(texts)
    expect(value).toEqual(texts)
    expect(blobs).toBe(4_096 + 1)
  })
})

describe('a line that an older version wrote', () => {
  const callOf = (request: unknown): PendingEntry => ({
    ...{ kind: 'open', n: 1, tick: 0, path: '1', at: 0, row: 'x', digest: 'older', intent: false, dueAt: undefined },
    request: capture(request),
  })
  const read = async (request: unknown): Promise<unknown> => {
    const line = await decodeLine(1, encodeLine(callOf(request), { keep: () => '' }), () => Promise.reject(new Error()))
    return 'digest' in line ? line.digest : undefined
  }

  it('gets the digest of this one where JSON cannot hold its request, and else keeps its own', async () => {
    expect(await read({ at: new Date(5) })).toMatch(/^[0-9a-f]{16}$/)
    expect(await read({ at: 5 })).toBe('older')
  })
})

describe('names with half a character', () => {
  it('are refused where records are found by them: two of them would be one', async () => {
    const echo = defineSyscall({ name: 'x.echo', effect: 'repeatable', request: z.any(), execute: () => 'ok' })
    const kernel = await createKernel({ syscalls: [echo], records: ramRecords(), journal: true })
    const agent: Agent = () => Promise.resolve('done')
    const refused = { code: 'AIOS_INVALID_OPTION', message: expect.stringContaining('half characters') as string }
    for (const options of [{ runId: 'x\ud800' }, { tenant: '\udc00' }, { namespace: 'n\ud800n' }, { name: '\ud800' }])
      await expect((async () => kernel.run(agent, 0, options))()).rejects.toMatchObject(refused)
    await expect(kernel.sys().call('x.echo', 0, { idempotencyKey: 'x\ud800' })).rejects.toMatchObject(refused)
    expect(await kernel.run(agent, 0, { runId: 'x\ufffd😀' })).toBe('done')
    await kernel.close()
  })
})

describe('an agent that was told half a character', () => {
  it('goes through its run again', async () => {
    const text = `${'a'.repeat(4_999)}\ud83d`
    const page = defineSyscall({ name: 'x.page', effect: 'repeatable', request: z.any(), execute: () => ({ text }) })
    const echo = defineSyscall({ name: 'x.echo', effect: 'repeatable', request: z.any(), execute: () => 'ok' })
    const agent: Agent<unknown, string> = async (sys) => {
      const found = (await sys.call('x.page', {})) as { readonly text: string }
      await sys.call('x.echo', { tail: found.text.slice(-1) })
      return found.text.slice(-1)
    }
    const records = ramRecords()
    const kernel = await createKernel({ syscalls: [page, echo], records, journal: true })
    await kernel.run(agent, 0, { runId: 'a' })
    const replayed = await replay(await readRun(records, 'a'), agent, { syscalls: [page, echo] })
    expect(replayed).toMatchObject({ outcome: 'fulfilled', value: '\ud83d' })
    await kernel.close()
  })
})
