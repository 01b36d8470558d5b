import { createKernel, defineSyscall, type Kernel, type UnknownAnswer, type UnknownCall } from '@aios/kernel'
import type { LlmDriver, RecordStore, StreamPart } from '@aios/kernel/driver'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools, type Tool } from '@aios/tools'
import { z } from 'zod'
import type { Ledger } from './ledger.js'
import { mortalStore, type Moment } from './mortal-store.js'

/** Is what a kernel stands on that may be killed at any moment. */
export interface Ground {
  readonly store: RecordStore
  readonly ledger: Ledger
  readonly moment: Moment
}

const named = z.object({ name: z.string() })

/** Starts a kernel whose process may be killed at each operation of its store, and within each effect on the world. */
export function mortalKernel(ground: Ground): Promise<Kernel> {
  const { store, ledger, moment } = ground
  const put = defineSyscall({
    name: 'effect.put',
    request: named,
    effect: 'keyed',
    lane: 'effect',
    execute: ({ name }, { key }) => {
      moment('before put')
      const puts = (): readonly (string | undefined)[] =>
        ledger
          .effects()
          .filter(({ kind }) => kind === 'put')
          .map((effect) => effect.key)
      if (!puts().includes(key)) ledger.apply({ kind: 'put', what: name, key })
      moment('after put')
      return { stored: name, number: puts().indexOf(key) + 1 }
    },
  })
  return createKernel({
    llm: mortalCore(ground),
    tools: tools(mortalTools(ground)),
    syscalls: [put],
    records: mortalStore(store, moment),
    journal: true,
  })
}

function mortalTools({ ledger, moment }: Ground): Tool[] {
  const send = defineTool({
    name: 'send',
    description: 'Sends a letter, and another one if it is run again.',
    input: z.object({ to: z.string() }),
    execute: ({ to }) => {
      moment('before send')
      ledger.apply({ kind: 'send', what: to })
      moment('after send')
      return `sent to ${to}`
    },
  })
  const store = defineTool({
    name: 'store',
    description: 'Stores twice, through syscalls of its own.',
    input: named,
    execute: async ({ name }, { sys }) => {
      moment('before store')
      await sys.call('effect.put', { name: `${name}-a` })
      moment('within store')
      await sys.call('effect.put', { name: `${name}-b` })
      moment('after store')
      return `stored ${name}`
    },
  })
  const file = defineTool({
    name: 'file',
    description: 'Stores once, however often it is run.',
    input: named,
    idempotent: true,
    execute: async ({ name }, { sys }) => {
      moment('before file')
      await sys.call('effect.put', { name })
      moment('after file')
      return `filed ${name}`
    },
  })
  return [send, store, file]
}

/** A core that answers alike as often as it is asked, with a moment before, between and after the parts of an answer. */
function mortalCore({ ledger, moment }: Ground): LlmDriver {
  const scripted = scriptedCore(
    [
      ({ messages }) => {
        const { content } = messages.at(-1) as { readonly content: string }
        moment('before ask')
        ledger.apply({ kind: 'ask', what: content })
        moment('after ask')
        return { text: `answer to ${content}` }
      },
    ],
    { repeat: true },
  )
  const stream = scripted.stream?.bind(scripted)
  return {
    ...scripted,
    async *stream(request, call): AsyncGenerator<StreamPart> {
      for await (const part of stream?.(request, call) ?? []) {
        yield part
        moment(`after ${part.type}`)
      }
    },
  }
}

/** Tells the truth about a call whose outcome nobody knows: looks into the ledger. */
export function truth(ledger: Ledger): (call: UnknownCall) => UnknownAnswer {
  return ({ request }) => {
    const { name, input } = request as { readonly name: string; readonly input: { readonly to?: string } }
    // Whatever the other tools do is keyed.
    if (!name.endsWith('send')) return 'retry'
    const { to = '' } = input
    return ledger.of('send').includes(to) ? { result: { name: 'local/send', output: `sent to ${to}` } } : 'retry'
  }
}
