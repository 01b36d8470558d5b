import { describe, expect, it } from 'vitest'
import type { Agent, Sys } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { DyingWorld, live } from './dying-world.js'

const say = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})
const put = (sys: Sys, name: string): Promise<unknown> => sys.call('effect.put', { name })

/** The agents: each is killed at every moment of its life. */
const AGENTS: Readonly<Record<string, Agent<string, unknown>>> = {
  'one call after another': async (sys, name) => {
    const first = await sys.llm.chat(say(name))
    await put(sys, first.text)
    const { output } = await sys.tool.call({ name: 'send', input: { to: 'ada' } })
    const second = await sys.llm.chat(say(String(output)))
    return [first.text, output, second.text]
  },
  'calls in parallel': async (sys, name) => {
    const all = await Promise.all([
      sys.llm.chat(say(`${name} 1`)).then(async ({ text }) => {
        await put(sys, text)
        return text
      }),
      sys.llm.chat(say(`${name} 2`)).then(({ text }) => text),
      put(sys, 'three'),
      put(sys, 'four'),
      sys.tool.call({ name: 'send', input: { to: 'bob' } }),
      sys.tool.call({ name: 'send', input: { to: 'eve' } }),
    ])
    await put(sys, 'last')
    return all
  },
  'the same call many times': async (sys) => {
    const all = await Promise.all([put(sys, 'same'), put(sys, 'same'), put(sys, 'same')])
    const race = await Promise.race([sys.llm.chat(say('x')), sys.llm.chat(say('x')), sys.llm.chat(say('y'))])
    return [all, race.text]
  },
  'children, messages and waits': async (sys, name) => {
    const child = await sys.agent.spawn({
      name: 'child',
      input: sys.pid,
      agent: async (own, parent: number) => {
        const { message } = await own.agent.receive({ from: parent })
        await put(own, `got ${String(message)}`)
        const reply = await own.llm.chat(say(String(message)))
        await own.agent.send({ to: parent, message: reply.text })
        return `child of ${parent === own.pid ? 'itself' : 'another'}`
      },
    })
    await sys.agent.send({ to: child.pid, message: `${name} one` })
    await sys.agent.send({ to: child.pid, message: `${name} two` })
    const { message } = await sys.agent.receive()
    await put(sys, 'parent')
    const result = await sys.agent.wait({ pid: child.pid })
    return [message, result]
  },
  'messages that wait': async (sys) => {
    const child = await sys.agent.spawn({
      agent: async (own) => {
        const heard: unknown[] = []
        for (let turn = 0; turn < 3; turn += 1) {
          heard.push((await own.agent.receive()).message)
          await own.tool.call({ name: 'send', input: { to: `turn ${turn}` } })
        }
        return heard
      },
    })
    for (const message of ['one', 'two', 'three']) await sys.agent.send({ to: child.pid, message })
    return sys.agent.wait({ pid: child.pid })
  },
  'tools that make calls, many at once': async (sys) => {
    const { output } = await sys.tool.call({ name: 'store', input: { name: 'x' } })
    const all = await sys.tool.callAll({
      calls: [
        { id: '1', name: 'store', input: { name: 'y' } },
        { id: '2', name: 'send', input: { to: 'zoe' } },
      ],
    })
    return [output, all]
  },
  'failures that are caught': async (sys) => {
    const codes: string[] = []
    const note = (error: unknown): void => void codes.push((error as { readonly code: string }).code)
    await sys.tool.call({ name: 'nobody' }).catch(note)
    await put(sys, 'after a failure')
    await sys.memory.get({ id: '1' }).catch(note)
    const child = await sys.agent.spawn({
      agent: async (own) => {
        await put(own, 'from one that fails')
        throw new TypeError('no good')
      },
    })
    await sys.agent.wait({ pid: child.pid }).catch(note)
    return codes
  },
  'a streamed answer, acted upon as it comes': async (sys, name) => {
    const words: string[] = []
    for await (const part of sys.llm.stream(say(name))) {
      if (part.type !== 'text-delta') continue
      words.push(part.text)
      if (words.length === 2) await put(sys, `after ${words.join('')}`)
      if (words.length === 3) await sys.tool.call({ name: 'send', input: { to: words.join('') } })
    }
    await put(sys, 'stream is over')
    return words.join('')
  },
}

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
  for (const [name, agent] of Object.entries(AGENTS)) {
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
