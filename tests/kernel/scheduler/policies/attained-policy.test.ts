import { describe, expect, it } from 'vitest'
import { hybrid, leastAttained, type SchedulingPolicy } from '@aios/kernel'
import { TestOwner, TestTask } from '../task.js'

const SLICE = { ms: 1_000, outputTokens: 32 }
const OTHER = { name: 'other', weight: 1 }

/** Lets one tree run that was served so many tokens, and others wait. */
function lane(
  policy: SchedulingPolicy,
  servedTokens: number,
  priority = 3,
): { running: TestTask; wait(task: TestTask): void } {
  const running = new TestTask(1, new TestOwner(1), { queuedAt: 0, inputTokens: 0, priority })
  policy.started?.(running, 0)
  policy.served?.(running, { inputTokens: 0, outputTokens: servedTokens }, 0)
  return { running, wait: (task) => void policy.enqueue(task, 0) }
}

const waiting = (given: { priority?: number; tenant?: typeof OTHER } = {}): TestTask =>
  new TestTask(2, new TestOwner(2, given.tenant === undefined ? {} : { tenant: given.tenant }), {
    queuedAt: 0,
    inputTokens: 0,
    priority: given.priority ?? 3,
  })

describe.each([leastAttained, hybrid])('%o on a core that saves its state', (make) => {
  const policy = () => make().create({ id: 'llm/x', concurrency: 1, resume: 'state' })

  it.each([
    [100, false],
    [250, false],
    [749, false],
    [750, true],
    [10_000, true],
  ])('gives the slot of a tree that was served %i tokens to a new one: %o', (tokens, expected) => {
    const it = policy()
    const { running, wait } = lane(it, tokens)
    wait(waiting())
    expect(it.preempts?.(running, SLICE, 0)).toBe(expected)
  })

  it('waits for the first words of a slice', () => {
    const it = policy()
    const { running, wait } = lane(it, 10_000)
    wait(waiting())
    expect(it.preempts?.(running, { ms: 1_000, outputTokens: 31 }, 0)).toBe(false)
  })

  it('gives it to a call two classes above, and to none below', () => {
    for (const [priority, expected] of [
      [5, true],
      [4, false],
      [2, false],
    ] as const) {
      const it = policy()
      const { running, wait } = lane(it, priority < 3 ? 10_000 : 0)
      wait(waiting({ priority }))
      expect(it.preempts?.(running, SLICE, 0)).toBe(expected)
    }
  })

  it('keeps it when nobody waits, or only another call of its own', () => {
    const it = policy()
    const { running } = lane(it, 10_000)
    expect(it.preempts?.(running, SLICE, 0)).toBe(false)
    it.enqueue(new TestTask(3, running.owner, { queuedAt: 0 }), 0)
    expect(it.preempts?.(running, SLICE, 0)).toBe(false)
  })

  it('leaves a call its slot that got it for having waited', () => {
    const it = make({ ageingMs: 100 }).create({ id: 'llm/x', concurrency: 1, resume: 'state' })
    const { running, wait } = lane(it, 10_000)
    it.settled?.(running, 0)
    const again = new TestTask(3, running.owner, { queuedAt: 0, inputTokens: 0 })
    it.enqueue(again, 0)
    expect(it.dequeue(800)).toBe(again)
    it.started?.(again, 800)
    wait(waiting())
    expect(it.preempts?.(again, SLICE, 900)).toBe(false)
    it.settled?.(again, 900)
    it.started?.(again, 900)
    expect(it.preempts?.(again, SLICE, 900)).toBe(true)
  })

  it('cuts no call for one that is ahead only for having waited', () => {
    const it = make({ ageingMs: 100 }).create({ id: 'llm/x', concurrency: 1, resume: 'state' })
    const { running, wait } = lane(it, 0)
    wait(waiting({ priority: 3 }))
    wait(waiting({ priority: 2 }))
    expect(it.preempts?.(running, SLICE, 790)).toBe(false)
  })

  it('cuts nothing on other cores', () => {
    expect(make().create({ id: 'llm/x', concurrency: 1, resume: 'prefix' }).preempts).toBeUndefined()
    expect(make().create({ id: 'llm/x', concurrency: 1 }).preempts).toBeUndefined()
  })
})

describe('hybrid', () => {
  it('cuts no call for another tenant', () => {
    const it = hybrid().create({ id: 'llm/x', concurrency: 1, resume: 'state' })
    const { running, wait } = lane(it, 10_000)
    wait(waiting({ tenant: OTHER }))
    expect(it.preempts?.(running, SLICE, 0)).toBe(false)
  })
})
