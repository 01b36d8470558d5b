import { predictedShortest } from '@aios/kernel'
import { expect, it } from 'vitest'
import { heldCore, reply, watch } from '../../fake-drivers.js'
import { start, testBed, type Puppet } from '../../test-bed.js'
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

it('tells the steps of one agent apart, and takes a step it does not know for a usual one of the agent', () => {
  const lane = new ServedLane(predictedShortest())
  const agent = lane.spawn({ name: 'agent' })
  for (let n = 0; n < 5; n += 1) {
    lane.serveAtOnce(agent, { outputTokens: 900, kind: 'write' })
    lane.serveAtOnce(agent, { outputTokens: 5, kind: 'search' })
    lane.serveAtOnce(agent, { outputTokens: 50 })
    lane.serveAtOnce(lane.spawn({ name: 'other' }), { outputTokens: 100 })
  }
  const kinds = ['write', 'unknown', 'search'].map((kind) => lane.ask(agent, { kind })[0])
  const other = lane.ask(lane.spawn({ name: 'other' }))[0]
  const order = Array.from({ length: 4 }, () => lane.policy.dequeue(0))
  expect(order).toEqual([kinds[2], kinds[1], other, kinds[0]])
})

it('is told of a call to a core by the tools it offers, or by the tool whose result it answers', async () => {
  const core = heldCore({ limits: { concurrency: 1 } })
  const kernel = await testBed({ llm: core, policies: { llm: predictedShortest() } })
  const [talk, other] = [await start(kernel, { name: 'talk' }), await start(kernel, { name: 'other' })]
  const tool = (name: string) => ({ name, description: '', inputSchema: { type: 'object' } })
  const ask = ({ sys }: Puppet, text: string, given: object = {}) =>
    watch(sys.llm.chat({ messages: [{ role: 'user', content: text }], ...given }))
  const answer = async (label: string, output: number) => {
    core.held.succeed(label, reply(1, output))
    await kernel.clock.settle()
  }
  for (const [label, output] of [
    ['long', 900],
    ['short', 5],
  ] as const) {
    ask(talk, label, { tools: [tool(label)] })
    await answer(label, output)
  }
  ask(other, 'usual')
  await answer('usual', 100)
  ask(other, 'first')
  ask(talk, 'long again', { tools: [tool('long')] })
  ask(other, 'usual again')
  ask(talk, 'short again', { tools: [tool('short')] })
  await answer('first', 100)
  await answer('short again', 5)
  expect(core.held.running).toEqual(['usual again'])
})
