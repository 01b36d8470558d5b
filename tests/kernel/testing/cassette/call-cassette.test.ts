import { callCassette, type CallCassette, type CallCassetteOptions } from '@aios/kernel/testing'
import { AiosError } from '@aios/kernel'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let folder = ''
const open = (options: Partial<CallCassetteOptions> = {}) =>
  callCassette({ file: join(folder, 'calls.json'), name: 'device', ...options })

beforeEach(async () => {
  vi.stubEnv('CI', '')
  folder = await mkdtemp(join(tmpdir(), 'call-cassette-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function written(take: (cassette: CallCassette) => void): Promise<CallCassette> {
  const recorder = await open({ mode: 'record' })
  take(recorder)
  await recorder.save()
  return open()
}

describe('callCassette()', () => {
  it('gives back what became of each call: values that JSON lacks, parts, errors, and calls that never ended', async () => {
    const player = await written((cassette) => {
      cassette.record('a.get', { id: 1, when: new Date(5) }).fulfil({ bytes: Uint8Array.of(1, 2), big: 7n })
      const streamed = cassette.record('a.stream', { id: 2 })
      streamed.part({ text: 'one' })
      streamed.part({ text: 'two' })
      streamed.fulfil()
      cassette.record('a.get', { id: 3 }).reject(new AiosError('AIOS_LLM_SERVER', 'Down.', { retryAfterMs: 5 }))
      cassette.record('a.stream', { id: 4 }).part('begun')
    })
    expect(player.isReplay).toBe(true)
    expect(player.remaining).toBe(4)
    expect(player.replay('a.get', { when: new Date(5), id: 1 })).toEqual({
      parts: [],
      outcome: 'fulfilled',
      result: { bytes: Uint8Array.of(1, 2), big: 7n },
      error: undefined,
    })
    expect(player.replay('a.stream', { id: 2 })).toMatchObject({
      parts: [{ text: 'one' }, { text: 'two' }],
      result: undefined,
    })
    const { outcome, error } = player.replay('a.get', { id: 3 })
    expect(outcome).toBe('rejected')
    expect(AiosError.is(error, 'AIOS_LLM_SERVER') && error.retryAfterMs).toBe(5)
    expect(() => player.assertDone()).toThrow('1 did not come: a.stream (call 4)')
    expect(player.replay('a.stream', { id: 4 })).toMatchObject({ parts: ['begun'], outcome: 'cancelled' })
    player.assertDone()
  })

  it('tells a call that it does not hold, of the row that was asked', async () => {
    const player = await written((cassette) => {
      cassette.record('a.get', { id: 1, name: 'x' }).fulfil('one')
      cassette.record('a.get', { id: 2, name: 'y' }).fulfil('two')
    })
    expect(() => player.replay('a.get', { id: 2, name: 'z' })).toThrow(/call 2: name was "y", now "z"/)
    expect(() => player.replay('a.put', { id: 1 })).toThrow('it holds no further a.put')
    expect(player.remaining).toBe(2)
  })

  it('leaves a file alone that it replays, and a recorder expects nothing', async () => {
    const player = await written((cassette) => {
      expect(cassette.remaining).toBe(0)
      cassette.assertDone()
      expect(() => cassette.replay('a.get', {})).toThrow(/records/)
    })
    const before = await readFile(join(folder, 'calls.json'), 'utf8')
    await player.save()
    expect(await readFile(join(folder, 'calls.json'), 'utf8')).toBe(before)
    expect(() => player.record('a.get', {})).toThrow(/replayed/)
  })

  it('refuses options that it does not know, and values that no file holds', async () => {
    await expect(callCassette({ file: 'a', name: 'b', mod: 'auto' } as never)).rejects.toThrow(/mod/)
    const recorder = await open({ mode: 'record' })
    expect(() => recorder.record('a.get', { run: () => 1 })).toThrow(/a cassette can keep/)
  })
})
