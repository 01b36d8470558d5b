import type { Agent, Sys } from '@aios/kernel'
import { defineTool, type Tool } from '@aios/tools'
import { z } from 'zod'

const say = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})
const put = (sys: Sys, name: string): Promise<unknown> => sys.call('effect.put', { name })

/** Does a little of everything, most of it after whoever spawned it is gone. */
const keeper: Agent<string, string> = async (sys, name) => {
  await put(sys, `${name} begins`)
  await sys.clock.sleep({ ms: 150 })
  const { text } = await sys.llm.chat(say(name))
  await put(sys, text)
  const { output } = await sys.tool.call({ name: 'send', input: { to: name } })
  await sys.tool.call({ name: 'file', input: { name: `${name} filed` } })
  await sys.clock.sleep({ ms: 50 })
  await Promise.all([put(sys, `${name} one`), put(sys, `${name} two`)])
  return `${text}, ${String(output)}`
}

/** Has children, that end with it, and that it waits for. */
const mother: Agent<string, unknown> = async (sys, name) => {
  const first = await sys.agent.spawn({ name: 'first', input: `${name} first`, agent: keeper })
  await sys.clock.sleep({ ms: 120 })
  const second = await sys.agent.spawn({ name: 'second', input: `${name} second`, agent: keeper })
  return [await sys.agent.wait({ pid: first.pid }), await sys.agent.wait({ pid: second.pid })]
}

/** Has a detached child, that it does not wait for. */
const grandmother: Agent<string, string> = async (sys, name) => {
  await sys.agent.spawn({ name: 'keeper', detached: true, input: `${name} grandchild`, agent: keeper })
  await sys.clock.sleep({ ms: 90 })
  await put(sys, `${name} is done`)
  return name
}

/** Hears late what it was told early. */
const listener: Agent<number, unknown> = async (sys, parent) => {
  const heard = [(await sys.agent.receive()).message]
  await sys.clock.sleep({ ms: 100 })
  heard.push((await sys.agent.receive()).message)
  await put(sys, heard.join(' '))
  heard.push((await sys.agent.receive()).from === parent)
  return heard
}

/** Agents that a detached process may run, by the name of that. */
export const ORPHANS: Readonly<Record<string, Agent<never, unknown>>> = { keeper, mother, grandmother, listener }

/** Tools that spawn what outlives them. */
export const HIRING: readonly Tool[] = [
  defineTool({
    name: 'hire',
    description: 'Has somebody do it, sooner or later.',
    input: z.object({ name: z.string() }),
    idempotent: true,
    execute: async ({ name }, { sys }) => {
      await sys.agent.spawn({ name: 'keeper', detached: true, input: name, agent: keeper })
      await put(sys, `hired ${name}`)
      return 'hired'
    },
  }),
]

/** Roots that end before those that they spawned. */
export const ORPHANING: Readonly<Record<string, Agent<string, unknown>>> = {
  'one that goes on alone': async (sys, name) => {
    await sys.agent.spawn({ name: 'keeper', detached: true, input: name, agent: keeper })
    return (await sys.llm.chat(say(`${name}?`))).text
  },
  'several, some with children': async (sys, name) => {
    await sys.agent.spawn({ name: 'keeper', detached: true, input: `${name} a`, agent: keeper })
    await sys.agent.spawn({ name: 'mother', detached: true, input: `${name} b`, agent: mother })
    await put(sys, 'root')
    return 'gone'
  },
  'one that has another, and ends before it': async (sys, name) => {
    await sys.agent.spawn({ name: 'grandmother', detached: true, input: name, agent: grandmother })
    await put(sys, 'root')
    return 'gone'
  },
  'one that was sent what it had not received': async (sys) => {
    const { pid } = await sys.agent.spawn({ name: 'listener', detached: true, input: sys.pid, agent: listener })
    for (const message of ['one', 'two', 'three']) await sys.agent.send({ to: pid, message })
    return 'told'
  },
  'one that a tool spawned': async (sys, name) => {
    const { output } = await sys.tool.call({ name: 'hire', input: { name } })
    await sys.clock.sleep({ ms: 170 })
    await put(sys, 'root')
    return output
  },
}
