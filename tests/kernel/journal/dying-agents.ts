import type { Agent, Sys } from '@aios/kernel'

const say = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})
const put = (sys: Sys, name: string): Promise<unknown> => sys.call('effect.put', { name })

/** Agents of every kind: each is killed at every moment of its life, in this process and as a process of its own. */
export const DYING_AGENTS: Readonly<Record<string, Agent<string, unknown>>> = {
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
  'sleeps of one after another and at once': async (sys, name) => {
    const began = await sys.clock.now()
    const nap = async (ms: number): Promise<void> => {
      await sys.clock.sleep({ ms })
      await put(sys, `slept ${ms}`)
    }
    await Promise.all([nap(20), nap(60), sys.llm.chat(say(name))])
    await nap(30)
    await sys.tool.call({ name: 'send', input: { to: 'whoever slept' } })
    return (await sys.clock.now()) - began >= 90
  },
  'a detached child that its root hears of': async (sys, name) => {
    await sys.agent.spawn({
      name: 'detached',
      detached: true,
      input: sys.pid,
      agent: async (own, parent: number) => {
        await put(own, 'detached')
        await own.tool.call({ name: 'send', input: { to: 'from afar' } })
        await own.agent.send({ to: parent, message: `from ${name}` })
      },
    })
    const { text } = await sys.llm.chat(say(name))
    const { message } = await sys.agent.receive()
    await put(sys, `heard ${String(message)}`)
    return [text, message]
  },
  'a tool that may be run twice': async (sys) => {
    const { output } = await sys.tool.call({ name: 'file', input: { name: 'x' } })
    const all = await Promise.all([
      sys.tool.call({ name: 'file', input: { name: 'y' } }),
      sys.tool.call({ name: 'file', input: { name: 'z' } }),
    ])
    return [output, all.map((each) => each.output)]
  },
}
