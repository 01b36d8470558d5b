import { describe, expect, it } from 'vitest'
import type { Agent } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { DYING_AGENTS } from './dying-agents.js'
import { DyingWorld, live } from './dying-world.js'

async function unbroken(agent: Agent<string, unknown>): Promise<{ world: DyingWorld; answer: unknown }> {
  const world = new DyingWorld()
  const clock = virtualClock()
  const kernel = await world.kernel(clock)
  const fate = await live(world, clock, kernel.run(agent, 'hello', { runId: 'run', name: 'it' }))
  expect(fate).toHaveProperty('answer')
  return { world, answer: (fate as { readonly answer: unknown }).answer }
}

/** Kills a run at a moment, takes it up, and returns what came of it. */
async function killedAt(
  agent: Agent<string, unknown>,
  ...deaths: readonly number[]
): Promise<{ world: DyingWorld; fate: unknown }> {
  const world = new DyingWorld()
  world.diesAt = deaths[0] ?? Number.POSITIVE_INFINITY
  const clock = virtualClock()
  const opening = world.kernel(clock)
  let fate = await live(
    world,
    clock,
    opening.then((kernel) => kernel.run(agent, 'hello', { runId: 'run', name: 'it' })),
  )
  for (const death of [...deaths.slice(1), Number.POSITIVE_INFINITY]) {
    if (fate !== 'died') break
    world.reborn(death)
    // An hour later, when nobody takes the dead kernel for living.
    const later = virtualClock(clock.now() + 3_600_000 * world.life)
    const recovering = world.kernel(later).then(async (kernel) => {
      const { processes } = await kernel.recover({ agents: { it: agent }, onUnknown: world.onUnknown })
      return processes[0]?.result ?? kernel.run(agent, 'hello', { runId: 'run', name: 'it' })
    })
    fate = await live(world, later, recovering)
  }
  return { world, fate }
}

describe('a run that is killed at any moment of its life', () => {
  for (const [name, agent] of Object.entries(DYING_AGENTS)) {
    it(`ends as if nothing had happened: ${name}`, async () => {
      const whole = await unbroken(agent)
      const { moments } = whole.world
      expect(moments).toBeGreaterThan(10)
      for (let death = 1; death <= moments; death += 1) {
        const { world, fate } = await killedAt(agent, death)
        expect({ death, fate, applied: [...world.applied].sort(), sent: [...world.sent].sort() }).toEqual({
          death,
          fate: { answer: whole.answer },
          applied: [...whole.world.applied].sort(),
          sent: [...whole.world.sent].sort(),
        })
      }
    })
  }
})
