import { describe, expect, it } from 'vitest'
import { AiosError } from '@aios/kernel'
import { SequencePool } from '../../../packages/llm/src/local/sequence-pool.js'
import { failure } from '../core/asking.js'

interface Sequence {
  clearHistory(): Promise<void>
}

const empty = (sequence: Sequence): Promise<void> => sequence.clearHistory()

/** A sequence that takes its time to be emptied. */
function sequence(): { readonly it: Sequence; emptied: () => void; fail: (error: Error) => void } {
  const made = { emptied: () => undefined as void, fail: (_: Error) => undefined as void }
  const it = {
    clearHistory: () =>
      new Promise<void>((resolve, reject) => {
        made.emptied = resolve
        made.fail = reject
      }),
  }
  return Object.assign(made, { it })
}

const NEVER = new AbortController().signal
const idle = Promise.resolve()
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('SequencePool', () => {
  it('lends each sequence once, and again when it is empty: whoever waits longest gets it', async () => {
    const one = sequence()
    const pool = new SequencePool([one.it], empty)
    const lent: string[] = []
    const wait = async (name: string) => {
      expect(await pool.acquire(NEVER)).toBe(one.it)
      lent.push(name)
    }
    await wait('at once')
    const all = ['first', 'second'].map(wait)
    for (const known of [['at once'], ['at once', 'first']]) {
      pool.release(one.it, idle)
      await settled()
      expect(lent, 'nobody has it before it is empty').toEqual(known)
      one.emptied()
      await settled()
    }
    await Promise.all(all)
    expect(lent).toEqual(['at once', 'first', 'second'])
  })

  it('empties a sequence only when the engine is done with it, however that ended', async () => {
    const one = sequence()
    const pool = new SequencePool([one.it], empty)
    await pool.acquire(NEVER)
    let isDone = false
    pool.release(
      one.it,
      settled().then(() => Promise.reject(((isDone = true), new Error('The engine broke.')))),
    )
    const next = pool.acquire(NEVER)
    await settled()
    await settled()
    expect(isDone).toBe(true)
    one.emptied()
    expect(await next).toBe(one.it)
  })

  it('forgets whoever gives up waiting', async () => {
    const one = sequence()
    const pool = new SequencePool([one.it], empty)
    await pool.acquire(NEVER)
    const controller = new AbortController()
    const left = failure(pool.acquire(controller.signal))
    const stays = pool.acquire(NEVER)
    controller.abort(new Error('no more'))
    expect((await left).message).toBe('no more')
    expect((await failure(pool.acquire(controller.signal))).message).toBe('no more')
    pool.release(one.it, idle)
    await settled()
    one.emptied()
    expect(await stays).toBe(one.it)
  })

  it('turns everybody away once it is closed, or its engine is gone', async () => {
    const gone = sequence()
    const pool = new SequencePool([gone.it], empty)
    await pool.acquire(NEVER)
    const waiting = failure(pool.acquire(NEVER))
    pool.release(gone.it, idle)
    await settled()
    gone.fail(new Error('disposed'))
    expect(await waiting).toMatchObject({ code: 'AIOS_CLOSED' })
    await pool.close(new AiosError('AIOS_CLOSED', 'Closed.'))
    expect(await failure(pool.acquire(NEVER))).toMatchObject({ code: 'AIOS_CLOSED' })
  })
})
