import { listRuns, readRun, type Agent, type Kernel } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { DyingWorld, live, type Fate } from './dying-world.js'
import { HIRING, ORPHANING, ORPHANS } from './orphaning-agents.js'
import { runs } from '../../setup/runs.js'

/** Resolves once no agent lives. */
async function rest(kernel: Kernel): Promise<void> {
  const isRest = (): boolean => kernel.ps().every(({ state }) => state === 'exited')
  if (isRest()) return
  await new Promise<void>((resolve) => {
    const off = kernel.on('process:exited', () => {
      if (!isRest()) return
      off()
      resolve()
    })
  })
}

/** Lives until all that it began is done, or it dies. */
async function oneLife(world: DyingWorld, agent: Agent<string, unknown>): Promise<Fate> {
  // An hour later than the last, when nobody takes the dead kernel for living.
  const clock = virtualClock(3_600_000 * world.life)
  const living = async (): Promise<unknown> => {
    const kernel = await world.kernel(clock, HIRING)
    const { unrecovered } = await kernel.recover({ agents: { ...ORPHANS, it: agent }, onUnknown: world.onUnknown })
    expect(unrecovered).toEqual([])
    const answer = await kernel.run(agent, 'hello', { runId: 'run', name: 'it' })
    await rest(kernel)
    await kernel.close()
    return answer
  }
  return live(world, clock, living())
}

/** What every run came to, by the id of the run. */
async function endsOf({ store }: DyingWorld): Promise<unknown> {
  const ends: [string, unknown][] = []
  await store.open()
  for await (const { runId, state } of listRuns(store)) {
    const { lines } = await readRun(store, runId)
    const end = lines.at(-1)
    ends.push([runId, { state, result: end?.kind === 'end' && end.result }])
  }
  await store.close()
  return Object.fromEntries(ends)
}

async function outcome(world: DyingWorld, fate: Fate): Promise<unknown> {
  return { fate, ends: await endsOf(world), applied: [...world.applied].sort(), sent: [...world.sent].sort() }
}

async function lived(
  agent: Agent<string, unknown>,
  deaths: readonly number[],
): Promise<{ world: DyingWorld; fate: Fate }> {
  const world = new DyingWorld()
  world.diesAt = deaths[0] ?? Number.POSITIVE_INFINITY
  let fate = await oneLife(world, agent)
  for (const death of [...deaths.slice(1), Number.POSITIVE_INFINITY]) {
    if (fate !== 'died') break
    world.reborn(death)
    fate = await oneLife(world, agent)
  }
  return { world, fate }
}

/** Every moment where it does not take long; else the gate leaves some out. */
function everyNth(name: string): number {
  return name === 'one that goes on alone' || name === 'one that was sent what it had not received' ? 1 : runs(5, 1)
}

describe('a detached process that is killed, with or after its root, at any moment', () => {
  for (const [name, agent] of Object.entries(ORPHANING)) {
    it(`does what it had to do, once: ${name}`, async () => {
      const whole = await lived(agent, [])
      expect(whole.fate).toHaveProperty('answer')
      const expected = await outcome(whole.world, whole.fate)
      const { moments } = whole.world
      expect(moments).toBeGreaterThan(15)
      for (let death = 1; death <= moments; death += everyNth(name)) {
        const { world, fate } = await lived(agent, [death])
        expect({ death, ...((await outcome(world, fate)) as object) }).toEqual({ death, ...(expected as object) })
      }
    }, 60_000)

    it(`does so also when those who take it up are killed again: ${name}`, async () => {
      const whole = await lived(agent, [])
      const expected = await outcome(whole.world, whole.fate)
      const { moments } = whole.world
      const step = Math.max(1, Math.floor(moments / runs(3, 20)))
      for (let first = step; first <= moments; first += step)
        for (let second = 3; second <= moments; second += step) {
          const deaths = [first, second, second + 1]
          const { world, fate } = await lived(agent, deaths)
          expect({ deaths, ...((await outcome(world, fate)) as object) }).toEqual({ deaths, ...(expected as object) })
        }
    }, 60_000)
  }
})
