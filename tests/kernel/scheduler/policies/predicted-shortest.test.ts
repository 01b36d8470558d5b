import { predictedShortest } from '@aios/kernel'
import { expect, it } from 'vitest'
import { ServedLane } from './served-lane.js'

function teach(
  lane: ServedLane,
  name: string,
  { outputTokens, calls = 5 }: { outputTokens: number; calls?: number },
): void {
  const owner = lane.spawn({ name })
  for (let n = 0; n < calls; n += 1) lane.serveAtOnce(owner, { outputTokens })
}

it('learns whose answers are short, and serves those first', () => {
  const lane = new ServedLane(predictedShortest())
  const [essay, label] = [lane.spawn({ name: 'essay' }), lane.spawn({ name: 'label' })]
  const ask = () => [essay, label].map((owner) => lane.ask(owner, { outputTokens: owner === essay ? 900 : 5 }))
  ask()
  expect(lane.order(2)).toEqual(['essay', 'label'])
  ask()
  expect(lane.order(2)).toEqual(['label', 'essay'])
})

it('goes by the usual call, not by one that was out of the ordinary', () => {
  const lane = new ServedLane(predictedShortest())
  teach(lane, 'a', { outputTokens: 10, calls: 9 })
  teach(lane, 'a', { outputTokens: 100_000, calls: 1 })
  teach(lane, 'b', { outputTokens: 20 })
  for (const name of ['b', 'a']) lane.ask(lane.spawn({ name }))
  expect(lane.order(2)).toEqual(['a', 'b'])
})

it('follows an agent that changes its habits', () => {
  const lane = new ServedLane(predictedShortest())
  teach(lane, 'a', { outputTokens: 1_000, calls: 100 })
  teach(lane, 'b', { outputTokens: 100, calls: 100 })
  teach(lane, 'a', { outputTokens: 10, calls: 20 })
  for (const name of ['b', 'a']) lane.ask(lane.spawn({ name }))
  expect(lane.order(2)).toEqual(['a', 'b'])
})

it('takes an unknown agent for an average one', () => {
  const lane = new ServedLane(predictedShortest())
  teach(lane, 'short', { outputTokens: 10 })
  teach(lane, 'usual', { outputTokens: 100, calls: 9 })
  teach(lane, 'long', { outputTokens: 1_000 })
  for (const name of ['long', 'unknown', 'short']) lane.ask(lane.spawn({ name }))
  expect(lane.order(3)).toEqual(['short', 'unknown', 'long'])
})

it('learns nothing from calls that failed before they said anything', () => {
  const lane = new ServedLane(predictedShortest())
  teach(lane, 'failing', { outputTokens: 500 })
  teach(lane, 'failing', { outputTokens: 0, calls: 100 })
  teach(lane, 'fine', { outputTokens: 50 })
  for (const name of ['failing', 'fine']) lane.ask(lane.spawn({ name }))
  expect(lane.order(2)).toEqual(['fine', 'failing'])
})

it('moves calls that wait when it learns more', () => {
  const lane = new ServedLane(predictedShortest())
  const [a, b] = [lane.spawn({ name: 'a' }), lane.spawn({ name: 'b' })]
  lane.ask(a, { outputTokens: 500 }, 3)
  lane.ask(b, { outputTokens: 50 })
  // Both are unknown at first; then a is known to be long.
  expect(lane.order(2)).toEqual(['a', 'b'])
  lane.ask(b)
  teach(lane, 'a', { outputTokens: 1, calls: 30 })
  expect(lane.order(3)).toEqual(['a', 'a', 'b'])
})
