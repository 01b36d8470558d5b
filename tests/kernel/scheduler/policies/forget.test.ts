import {
  criticalPath,
  deadline,
  fairShare,
  hybrid,
  leastAttained,
  predictedShortest,
  roundRobin,
  type PolicyDefinition,
} from '@aios/kernel'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { ServedLane } from './served-lane.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const POLICIES = [roundRobin, fairShare, leastAttained, hybrid, criticalPath, deadline, predictedShortest]

/** Lets programs live and end: some calls are served, some withdrawn, some still run when their process is forgotten. */
function livesAndEnds(lane: ServedLane, programs: number): WeakRef<object>[] {
  const refs: WeakRef<object>[] = []
  for (let n = 0; n < programs; n += 1) {
    const tenant = { name: `tenant ${n % 50}`, weight: 1 }
    const root = lane.spawn({ name: `agent ${n}`, tenant })
    const child = lane.spawn({ name: `agent ${n}`, parent: root })
    const call = { inputTokens: 100 + (n % 7), outputTokens: 50, runMs: 1, priority: n % 8 }
    const [withdrawn] = lane.ask(root, call)
    lane.ask(child, call, 2)
    lane.serve()
    lane.policy.remove(withdrawn!)
    const running = lane.begin()
    for (const owner of [child, root]) lane.end(owner)
    if (running !== undefined) lane.finish(running)
    while (lane.serve() !== undefined);
    refs.push(new WeakRef(root), new WeakRef(root.tree), new WeakRef(withdrawn!), new WeakRef(tenant))
  }
  return refs
}

async function heldAfter(definition: PolicyDefinition, programs: number): Promise<number> {
  const lane = new ServedLane(definition)
  const refs = livesAndEnds(lane, programs)
  // A WeakRef holds its target until the end of the turn in which it was made or read.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const held = refs.filter((ref) => ref.deref() !== undefined).length
  expect(lane.policy.size).toBe(0)
  return held
}

it.each(POLICIES)('%o holds nothing of programs that have ended', async (policy) => {
  expect(await heldAfter(policy(), 200)).toBeLessThanOrEqual(4)
})

/** Bytes that a policy grows by while programs live and end, beyond what it grew to at first. */
async function growth(definition: PolicyDefinition): Promise<number> {
  const lane = new ServedLane(definition)
  const heap = async (programs: number) => {
    livesAndEnds(lane, programs)
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = await heap(3_000)
  return (await heap(6_000)) - before
}

it.each(POLICIES)('%o does not grow with the number of programs that have ended', async (policy) => {
  // One forgotten account of a hundred bytes for each would be 600,000.
  expect(await growth(policy())).toBeLessThan(600_000)
})
