import fc from 'fast-check'
import type { Agent, Sys } from '@aios/kernel'
import { ask } from './replayed-agents.js'

/** Is one thing that a generated agent does. */
export type Step =
  | { readonly do: 'chat'; readonly text: string }
  | { readonly do: 'stream'; readonly text: string; readonly act: number; readonly then: Step }
  | { readonly do: 'now' | 'random' | 'fail' }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'tool'; readonly name: string }
  | { readonly do: 'turn' | 'parallel' | 'race'; readonly steps: readonly Step[] }
  | { readonly do: 'child'; readonly step: Step; readonly detached: boolean }
  | { readonly do: 'family'; readonly messages: number; readonly step: Step }

const OVER: ReadonlySet<string> = new Set(['AIOS_PROCESS_EXITED', 'AIOS_PROCESS_KILLED', 'AIOS_CLOSED'])

/** Takes note of what an agent was answered, in the order over all processes in which they went on. */
export type Note = (what: string, value: unknown) => void

/** What takes its time. */
const slow = fc.oneof(
  fc.record({ do: fc.constant('chat' as const), text: fc.constantFrom('a', 'b') }),
  fc.record({ do: fc.constant('sleep' as const), ms: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ do: fc.constant('tool' as const), name: fc.constantFrom('double', 'bad') }),
)
const leaf = fc.oneof(
  slow,
  fc.record({ do: fc.constantFrom('now' as const, 'random' as const, 'fail' as const) }),
  fc.record({ do: fc.constant('tool' as const), name: fc.constant('nobody') }),
)
// Who ends in the very turn in which others are answered may end before them when it is gone through again: none of these does.
const race = fc.record({ do: fc.constant('race' as const), steps: fc.array(slow, { minLength: 1, maxLength: 3 }) })

/** Generates programs; small ones first, to which others are shrunk. */
export const program: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    leaf,
    race,
    fc.record({
      do: fc.constantFrom('turn' as const, 'turn' as const, 'parallel' as const),
      steps: fc.array(tie('step'), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ do: fc.constant('child' as const), step: tie('step'), detached: fc.boolean() }),
    fc.record({ do: fc.constant('family' as const), messages: fc.nat(3), step: tie('step') }),
    fc.record({
      do: fc.constant('stream' as const),
      text: fc.constantFrom('c', 'd'),
      act: fc.nat(4),
      then: tie('step'),
    }),
  ),
})).step

/** Makes the agent that does a program, and comes to all that its steps came to. */
export function agentOf(note: Note): Agent<Step, unknown> {
  const act = new Acting(note)
  return (sys, step) => act.step(sys, step)
}

class Acting {
  readonly #note: Note
  #streams = 0

  constructor(note: Note) {
    this.#note = note
  }

  async step(sys: Sys, step: Step): Promise<unknown> {
    switch (step.do) {
      case 'turn': {
        const values: unknown[] = []
        for (const each of step.steps) values.push(await this.step(sys, each))
        return values
      }
      case 'parallel':
        return Promise.all(step.steps.map((each) => this.step(sys, each)))
      case 'race':
        return Promise.race(step.steps.map((each) => this.step(sys, each)))
      case 'child':
        return this.#child(sys, step)
      case 'family':
        return this.#family(sys, step)
      case 'stream':
        return this.#stream(sys, step)
      default:
        return this.#noted(sys, step.do, this.#leaf(sys, step))
    }
  }

  #leaf(
    sys: Sys,
    step: Extract<Step, { readonly do: 'chat' | 'now' | 'random' | 'fail' | 'sleep' | 'tool' }>,
  ): Promise<unknown> {
    switch (step.do) {
      case 'chat':
        return sys.llm.chat(ask(step.text))
      case 'now':
        return sys.clock.now()
      case 'random':
        return sys.random.int({ min: 0, max: 1_000_000 })
      case 'fail':
        return sys.storage.read({ path: 'nowhere' })
      case 'sleep':
        return sys.clock.sleep({ ms: step.ms })
      case 'tool':
        return sys.tool.call({ name: step.name, input: {} })
    }
  }

  /**
   * Notes what a call came to, and goes on with it: a failure is a value like others. Every call is listened to directly, so that
   * notes of one turn stand in the order in which the calls settled, however the agent goes on.
   */
  #noted(sys: Sys, what: string, call: Promise<unknown>): Promise<unknown> {
    const noted = (came: unknown): unknown => {
      const value = essence(came)
      this.#note(`${sys.pid} ${what}`, value)
      return value ?? 'nothing'
    }
    return call.then(noted, (error: unknown) => {
      const { code = String(error) } = error as { readonly code?: string }
      // Nobody acts on the end of a process that has ended.
      return OVER.has(code) ? code : noted(code)
    })
  }

  async #child(sys: Sys, { step, detached }: Extract<Step, { readonly do: 'child' }>): Promise<unknown> {
    const child = await sys.agent.spawn({ agent: (own, given: Step) => this.step(own, given), input: step, detached })
    return this.#noted(sys, 'wait', sys.agent.wait({ pid: child.pid }))
  }

  /** A child that is sent to, and sends back, between what it does. */
  async #family(sys: Sys, { messages, step }: Extract<Step, { readonly do: 'family' }>): Promise<unknown> {
    const child = await sys.agent.spawn({
      input: { step, to: sys.pid },
      agent: async (own, given: { readonly step: Step; readonly to: number }) => {
        for (let count = 0; count < messages; count += 1) {
          const { message } = await own.agent.receive({ from: given.to })
          await own.agent.send({ to: given.to, message: [message, await this.step(own, given.step)] })
        }
        return own.pid
      },
    })
    const sending = Promise.all(
      Array.from({ length: messages }, (_, count) => sys.agent.send({ to: child.pid, message: count })),
    )
    const heard: unknown[] = []
    for (let count = 0; count < messages; count += 1)
      heard.push(await this.#noted(sys, 'receive', sys.agent.receive({ from: child.pid })))
    await sending
    return [...heard, await this.#noted(sys, 'wait', sys.agent.wait({ pid: child.pid }))]
  }

  /** Acts upon a word of a streamed answer, before it has the next. */
  async #stream(sys: Sys, { text, act, then }: Extract<Step, { readonly do: 'stream' }>): Promise<unknown> {
    const values: unknown[] = []
    const nth = (this.#streams += 1)
    for await (const part of sys.llm.stream(ask(text))) {
      if (part.type !== 'text-delta') continue
      this.#note(`${sys.pid} part of ${nth}`, part.text)
      values.push(part.text)
      if (values.length === act) values.push(await this.step(sys, then))
    }
    return values
  }
}

/** Returns what matters of an answer: its text, its output, its message, or all of it. */
function essence(came: unknown): unknown {
  if (typeof came !== 'object' || came === null) return came
  for (const field of ['text', 'output', 'message']) if (field in came) return (came as Record<string, unknown>)[field]
  return came
}
