import { hybrid } from '@aios/kernel'
import { expect, it } from 'vitest'
import { ServedLane } from './served-lane.js'

const CALL = { inputTokens: 100 }

it('lets tenants share by weight, whatever their number of trees', () => {
  const lane = new ServedLane(hybrid())
  const many = { name: 'many', weight: 1 }
  const one = { name: 'one', weight: 2 }
  for (let n = 0; n < 200; n += 1) lane.ask(lane.spawn({ name: 'many', tenant: many }), CALL)
  lane.ask(lane.spawn({ name: 'one', tenant: one }), CALL, 200)
  expect(lane.order(150).filter((name) => name === 'one')).toHaveLength(100)
})

it('prefers short programs of a tenant over its long ones, and no tenant for having short ones', () => {
  const lane = new ServedLane(hybrid())
  const [a, b] = [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 1 },
  ]
  const long = lane.spawn({ name: 'a long', tenant: a })
  lane.ask(long, { inputTokens: 1_000 }, 10)
  lane.ask(lane.spawn({ name: 'b short', tenant: b }), { inputTokens: 1_000 }, 10)
  lane.order(8)
  lane.ask(lane.spawn({ name: 'a short', tenant: a }), { inputTokens: 1_000 }, 2)
  const order = lane.order(8)
  expect(order.filter((name) => name.startsWith('a'))).toEqual(['a short', 'a short', 'a long', 'a long'])
})

it('makes nobody wait for a lower class longer than the calls that run', () => {
  const lane = new ServedLane(hybrid())
  const [low, high] = [lane.spawn({ name: 'low' }), lane.spawn({ name: 'high' })]
  lane.serveAtOnce(high, { inputTokens: 1_000_000 })
  lane.ask(low, { ...CALL, priority: 2 }, 100)
  const running = lane.begin()!
  lane.ask(high, { ...CALL, priority: 5 }, 3)
  lane.finish(running)
  expect(lane.order(4)).toEqual(['high', 'high', 'high', 'low'])
})
