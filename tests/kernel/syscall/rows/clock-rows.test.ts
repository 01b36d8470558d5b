import { ramRecords, readRun, type Agent, type RecordStore } from '@aios/kernel'
import { createTestKernel, virtualClock, type TestKernel } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { row, shut, start, testBed } from '../../test-bed.js'

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

/** Notes what becomes of a promise. */
function outcomeOf(promise: Promise<unknown>): { readonly value: unknown } {
  const seen = { value: 'pending' as unknown }
  promise.then(
    (value) => (seen.value = value ?? 'over'),
    (error: unknown) => (seen.value = error),
  )
  return seen
}

describe('clock.now', () => {
  it('returns the time of the clock of the kernel', async () => {
    const kernel = await testBed({ clock: virtualClock(START) })
    const sys = kernel.sys()
    expect(await sys.clock.now()).toBe(START)
    await kernel.clock.advance(1_500)
    expect(await sys.clock.now({})).toBe(START + 1_500)
    await expect(sys.clock.now({ zone: 'utc' } as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
  })

  it('costs nothing of a budget of calls', async () => {
    const kernel = await testBed()
    const sys = kernel.sys({ budget: { calls: 1 } })
    for (let time = 0; time < 3; time += 1) await sys.clock.now()
    await sys.clock.sleep({ ms: 0 })
    expect(row(kernel, sys.pid).usage.calls).toBe(0)
  })
})

describe('clock.sleep', () => {
  it('resolves when its milliseconds have passed, and not one before', async () => {
    const kernel = await testBed({ clock: virtualClock(START) })
    const slept = outcomeOf(kernel.sys().clock.sleep({ ms: 1_000 }))
    await kernel.clock.advance(999)
    expect(slept.value).toBe('pending')
    await kernel.clock.advance(1)
    expect(slept.value).toBe('over')
  })

  it('resolves at a time, and at once when that has passed', async () => {
    const kernel = await testBed({ clock: virtualClock(START) })
    const sys = kernel.sys()
    const slept = outcomeOf(sys.clock.sleep({ until: START + 5_000 }))
    await sys.clock.sleep({ until: START - 1 })
    await sys.clock.sleep({ ms: 0 })
    await kernel.clock.advance(4_999)
    expect(slept.value).toBe('pending')
    await kernel.clock.advance(1)
    expect(slept.value).toBe('over')
  })

  it('lasts a year', async () => {
    const kernel = await testBed({ clock: virtualClock(START) })
    const slept = outcomeOf(kernel.sys().clock.sleep({ ms: 365 * DAY }))
    await kernel.clock.advance(364 * DAY)
    expect(slept.value).toBe('pending')
    await kernel.clock.advance(DAY)
    expect(slept.value).toBe('over')
  })

  it('takes either ms or until', async () => {
    const sys = (await testBed()).sys()
    for (const request of [
      {},
      { ms: 1, until: 1 },
      { ms: -1 },
      { until: Infinity },
      { ms: 8.7e15 },
      { ms: 1, x: 1 },
      null,
    ])
      await expect(sys.clock.sleep(request as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
    await expect(sys.clock.sleep({} as never)).rejects.toThrow('Expected either "ms" or "until"')
  })

  it('shows its process as sleeping, and until when', async () => {
    const kernel = await testBed({ clock: virtualClock(START) })
    const { process, sys } = await start(kernel)
    void sys.clock.sleep({ ms: DAY })
    await kernel.clock.settle()
    expect(row(kernel, process.pid)).toMatchObject({
      state: 'sleeping',
      calls: [{ name: 'clock.sleep', state: 'waiting', waitsFor: '1 waits for 2026-01-02T00:00:00.000Z' }],
    })
  })

  it('goes on while its process is suspended, and is delivered when that is resumed', async () => {
    const kernel = await testBed()
    const { process, sys } = await start(kernel)
    const slept = outcomeOf(sys.clock.sleep({ ms: 1_000 }))
    const longer = outcomeOf(sys.clock.sleep({ ms: 3_000 }))
    process.suspend()
    await kernel.clock.advance(2_000)
    expect(slept.value).toBe('pending')
    process.resume()
    await kernel.clock.settle()
    expect([slept.value, longer.value]).toEqual(['over', 'pending'])
    await kernel.clock.advance(1_000)
    expect(longer.value).toBe('over')
  })

  it('ends with the signal, the deadline and the process, and leaves no timer', async () => {
    const kernel = await testBed()
    const { process, sys } = await start(kernel)
    const stop = new AbortController()
    const aborted = outcomeOf(sys.clock.sleep({ ms: DAY }, { signal: stop.signal }))
    const late = outcomeOf(sys.clock.sleep({ ms: DAY }, { deadlineMs: 10 }))
    const killed = outcomeOf(sys.clock.sleep({ ms: DAY }))
    stop.abort('enough')
    await kernel.clock.advance(10)
    process.kill()
    await kernel.clock.settle()
    expect([aborted.value, late.value, killed.value]).toEqual([
      'enough',
      expect.objectContaining({ code: 'AIOS_DEADLINE_EXCEEDED' }),
      expect.objectContaining({ code: 'AIOS_PROCESS_KILLED' }),
    ])
    expect(kernel.clock.pending).toBe(0)
  })
})

describe('clock.sleep in a journalled run', () => {
  const weekly: Agent<undefined, readonly number[]> = async (sys) => {
    const before = await sys.clock.now()
    await sys.clock.sleep({ ms: 7 * DAY })
    return [before, await sys.clock.now()]
  }

  async function on(records: RecordStore, day: number): Promise<TestKernel> {
    return createTestKernel({
      records,
      journal: true,
      clock: virtualClock(START + day * DAY),
      limits: { leaseMs: DAY },
    })
  }

  /** Starts the run on day 0 and closes its kernel on the day after. */
  async function begun(): Promise<RecordStore> {
    const records = ramRecords()
    await records.open()
    const kernel = await on(records, 0)
    kernel.spawn(weekly, undefined, { runId: 'w' }).result.catch(() => undefined)
    await kernel.clock.advance(DAY)
    await shut(kernel)
    return records
  }

  it('writes at once when it is over', async () => {
    const records = await begun()
    const { lines } = await readRun(records, 'w')
    expect(lines.filter(({ kind }) => kind === 'open')).toMatchObject([
      { row: 'clock.sleep', dueAt: START + 7 * DAY, intent: false },
    ])
  })

  it('sleeps only what is left in every later life', async () => {
    const records = await begun()
    const third = await on(records, 3)
    third.spawn(weekly, undefined, { runId: 'w' }).result.catch(() => undefined)
    await third.clock.advance(DAY)
    await shut(third)
    const fifth = await on(records, 5)
    const result = outcomeOf(fifth.spawn(weekly, undefined, { runId: 'w' }).result)
    await fifth.clock.advance(2 * DAY - 1)
    expect(result.value).toBe('pending')
    await fifth.clock.advance(1)
    expect(result.value).toEqual([START, START + 7 * DAY])
    await shut(fifth)
  })

  it('is over at once in a life that begins after it', async () => {
    const records = await begun()
    const kernel = await on(records, 9)
    const result = outcomeOf(kernel.spawn(weekly, undefined, { runId: 'w' }).result)
    await kernel.clock.settle()
    await kernel.clock.settle()
    expect(result.value).toEqual([START, START + 9 * DAY])
    await shut(kernel)
  })
})
