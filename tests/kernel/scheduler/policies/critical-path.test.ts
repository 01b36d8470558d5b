import { criticalPath, leastAttained } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { ServedLane } from './served-lane.js'

const WORK = { inputTokens: 1_000 }

/** Lets a tree of 16 agents that ran side by side, one level each, compete with a chain of 4 calls. */
function fanOutAgainstChain(lane: ServedLane): string[] {
  const root = lane.spawn({ name: 'fan' })
  for (let n = 0; n < 16; n += 1) lane.serveAtOnce(lane.spawn({ name: 'fan', parent: root }), WORK)
  const chain = lane.spawn({ name: 'chain' })
  for (let n = 0; n < 4; n += 1) lane.serveAtOnce(chain, WORK)
  lane.ask(chain, WORK)
  lane.ask(root, WORK)
  return lane.order(2)
}

describe('the critical path of a tree', () => {
  it('is its longest chain, not the sum over agents that run side by side', () => {
    expect(fanOutAgainstChain(new ServedLane(criticalPath()))).toEqual(['fan', 'chain'])
    expect(fanOutAgainstChain(new ServedLane(leastAttained()))).toEqual(['chain', 'fan'])
  })

  it.each(['with', 'without'])(
    'grows through children that ended one after the other, %s calls of their parent',
    (own) => {
      const lane = new ServedLane(criticalPath())
      const root = lane.spawn({ name: 'serial' })
      if (own === 'with') lane.serveAtOnce(root, WORK)
      for (let n = 0; n < 16; n += 1) {
        const child = lane.spawn({ name: 'serial', parent: root })
        lane.serveAtOnce(child, WORK)
        lane.end(child)
      }
      const chain = lane.spawn({ name: 'chain' })
      for (let n = 0; n < 4; n += 1) lane.serveAtOnce(chain, WORK)
      lane.ask(root, WORK)
      lane.ask(chain, WORK)
      expect(lane.order(2)).toEqual(['chain', 'serial'])
    },
  )

  it('begins for a child where its parent is', () => {
    const lane = new ServedLane(criticalPath())
    const root = lane.spawn({ name: 'deep' })
    for (let n = 0; n < 4; n += 1) lane.serveAtOnce(root, WORK)
    const child = lane.spawn({ name: 'deep', parent: root })
    for (let n = 0; n < 4; n += 1) lane.serveAtOnce(child, WORK)
    const other = lane.spawn({ name: 'other' })
    for (let n = 0; n < 5; n += 1) lane.serveAtOnce(other, WORK)
    lane.ask(root, WORK)
    lane.ask(other, WORK)
    expect(lane.order(2)).toEqual(['other', 'deep'])
  })

  it('shrinks again when the core reports less than was estimated for the longest chain', () => {
    const lane = new ServedLane(criticalPath())
    const [root, other] = [lane.spawn({ name: 'root' }), lane.spawn({ name: 'other' })]
    lane.serveAtOnce(lane.spawn({ parent: root }), { inputTokens: 2_000 })
    const task = lane.make(root, { inputTokens: 500_000 })
    lane.policy.started!(task, 0)
    lane.policy.served!(task, { inputTokens: -499_000, outputTokens: 0 }, 0)
    lane.policy.settled!(task, 0)
    lane.serveAtOnce(other, { inputTokens: 8_000 })
    lane.ask(other, WORK)
    lane.ask(root, WORK)
    expect(lane.order(2)).toEqual(['root', 'other'])
  })
})
