/**
 * A kernel in bad company: drivers that throw, hang, ignore their signals or settle twice, hooks and listeners that throw,
 * streams that nobody reads, devices that come and go. Commands choose among what is there when they run.
 */
import { AiosError, createKernel, fifo, priority, roundRobin } from '@aios/kernel'
import type { AgentProcess, ChatStream, Kernel, Sys, SyscallOptions } from '@aios/kernel'
import type { LlmDriver, StreamPart } from '@aios/kernel/driver'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import fc from 'fast-check'
import { countedSignal } from './rig.js'
import { stillDevices, type StillDevices, type Ticket } from './still-devices.js'

interface Agent {
  readonly sys: Sys
  readonly end: (how: 'return' | 'throw') => void
}

interface Made {
  readonly abort: () => void
  readonly listeners: () => number
  /** Whether it was made after `close`. */
  readonly isLate: boolean
  settled: number
  outcome: unknown
}

/** Is a kernel in bad company, and all that was asked of it. */
export interface Chaos {
  readonly kernel: Kernel
  readonly clock: VirtualClock
  readonly devices: StillDevices
  readonly agents: Agent[]
  readonly handles: AgentProcess[]
  readonly made: Made[]
  /** Whether `close` was called. */
  isClosing: boolean
  run(command: Command): Promise<void>
}

/** Is a verb and three numbers that choose whom, what and how. */
export interface Command {
  readonly verb: Verb
  readonly who: number
  readonly what: number
  readonly how: number
}

const REASON = Symbol('reason')
const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)]

/** Tells whether an outcome is one that the kernel may give: a value, an AiosError, or the caller's own reason. */
export function isLawful(outcome: unknown): boolean {
  return !(outcome instanceof Error) || AiosError.is(outcome)
}

/** Streams words for as long as it is pulled, or misbehaves. */
function flowingCore(id: string, closed: string[]): LlmDriver {
  async function* stream(how: string): AsyncGenerator<StreamPart> {
    yield { type: 'start' }
    yield { type: 'text-start', id: 't' }
    const words = how === 'endless' ? 1_000_000 : 3
    for (let n = 0; n < words; n += 1) {
      if (how === 'broken' && n === 1) throw new Error('the stream broke')
      yield { type: 'text-delta', id: 't', text: 'word ' }
    }
    yield { type: 'text-end', id: 't' }
    if (how === 'cut') return
    yield { type: 'finish', finish: { unified: 'stop' }, usage: { input: { total: 2 }, output: { total: 3 } } }
  }
  return {
    kind: 'llm',
    id,
    model: id,
    limits: { concurrency: 2 },
    stream: ({ messages }) => stream(messages[0]!.content as string),
    close: () => void closed.push(`llm/${id}`),
  }
}

async function boot(): Promise<{ kernel: Kernel; clock: VirtualClock; devices: StillDevices }> {
  const clock = virtualClock()
  const one = { concurrency: 1 }
  const devices = stillDevices({
    'llm/main': { concurrency: 2 },
    memory: { ...one, depth: 1 },
    storage: one,
    tool: one,
  })
  const { llm, memory, storage, tools } = devices
  const kernel = await createKernel({
    clock,
    memory,
    storage,
    tools,
    llm: [llm, flowingCore('flow', devices.closed)],
    limits: { abandonAfterMs: 100, closeAfterMs: 1_000, mailboxDepth: 2, streamIdleMs: 200, replyChars: 2_000 },
  })
  return { kernel, clock, devices }
}

/** Lets hooks and listeners misbehave. */
function misbehave(kernel: Kernel): void {
  kernel.use({
    before: ({ id }) => {
      if (id % 13 === 0) throw new Error('the hook broke')
      return id % 5 === 0 ? Promise.resolve(undefined) : undefined
    },
    after: ({ id }, result) => (id % 17 === 0 ? Promise.reject(new Error('the hook broke')) : result),
  })
  const broken = (): never => {
    throw new Error('the listener broke')
  }
  for (const name of ['process:exited', 'syscall:settled', 'driver:abandoned'] as const) kernel.on(name, broken)
}

const MISCHIEF = [undefined, undefined, undefined, undefined, 'value', 'throw', 'twice'] as const

function ticket(label: number, how: number): Ticket {
  const mischief = MISCHIEF[how % MISCHIEF.length]
  const keys = ([[], ['a'], ['b', 'a']] as const)[how % 3]!
  return { label, input: 1 + (how % 20), isPolite: how % 4 !== 0, keys, ...(mischief && { mischief }) }
}

/** Reads a stream to its end, in part, only its result, or not at all. */
async function read(stream: ChatStream, how: number): Promise<unknown> {
  if (how % 4 === 0) return stream.result
  if (how % 4 === 3) {
    // One pull, and then the stream is forgotten: it has to end by itself.
    await stream[Symbol.asyncIterator]().next()
    return stream.result
  }
  let left = how % 4 === 1 ? 2 : 1_000
  for await (const _part of stream) if ((left -= 1) === 0) break
  return stream.result
}

/** Makes a call of a kind; `what` chooses the kind. */
function call(chaos: Chaos, sys: Sys, { what, how }: Command): (options: SyscallOptions) => Promise<unknown> {
  const made = ticket(chaos.made.length, how)
  const content = JSON.stringify(made)
  const peer = pick(chaos.agents, how)?.sys.pid ?? 1
  const calls = ['x', 'y'].map((id, n) => ({ id, name: 'local/t', input: ticket(-1 - n - 2 * made.label, how + n) }))
  const messages = [{ role: 'user', content }] as const
  const kinds: readonly ((options: SyscallOptions) => Promise<unknown>)[] = [
    (options) => sys.tool.call({ name: 'local/t', input: made }, options),
    (options) => sys.llm.chat({ model: 'still', messages, maxOutputTokens: 1 + (how % 40) }, options),
    (options) => sys.memory.add({ content }, options),
    (options) => sys.storage.write({ path: 'f', content }, options),
    (options) => sys.tool.callAll({ calls }, options),
    (options) => sys.agent.spawn({ agent: agentOf(chaos), detached: how % 3 === 0, budget: { tokens: 60 } }, options),
    (options) => sys.agent.send({ to: peer, message: made.label }, options),
    (options) => sys.agent.receive(how % 2 === 0 ? {} : { from: peer }, options),
    (options) => sys.agent.wait({ pid: peer }, options),
    (options) =>
      read(sys.llm.stream({ model: 'flow', messages: [{ role: 'user', content: flowOf(how) }] }, options), how),
    (options) => sys.call('no.such', {}, options),
    (options) => sys.tool.call({ name: 7 as unknown as string }, options),
  ]
  return pick(kinds, what)!
}

const flowOf = (how: number): string => ['plain', 'endless', 'broken', 'cut'][(how >> 3) % 4]!

function agentOf(chaos: Chaos) {
  return (sys: Sys): Promise<string> =>
    new Promise((resolve, reject) => {
      const end = (how: string): void => (how === 'return' ? resolve('done') : reject(new Error('the agent threw')))
      chaos.agents.push({ sys, end })
    })
}

/** Lists who may call: those that live, and now and then also those that have ended. */
function callers({ agents }: Chaos, who: number): readonly Agent[] {
  const living = agents.filter(({ sys }) => !sys.signal.aborted)
  return living.length === 0 || who % 11 === 0 ? agents : living
}

function makeCall(chaos: Chaos, sys: Sys | undefined, command: Command): void {
  if (sys === undefined) return
  const { controller, count } = countedSignal()
  const entry: Made = {
    abort: () => {
      controller.abort(REASON)
    },
    listeners: count,
    isLate: chaos.isClosing,
    settled: 0,
    outcome: undefined,
  }
  const settle = (outcome: unknown): void => {
    entry.settled += 1
    entry.outcome = outcome
  }
  const deadline = command.how % 7 === 0 ? { deadlineMs: 40 + (command.how % 90) } : {}
  if (command.how % 19 === 0) entry.abort()
  const promise = call(chaos, sys, command)({ signal: controller.signal, ...deadline })
  chaos.made.push(entry)
  promise.then(settle, settle)
}

function spawn(chaos: Chaos, { how }: Command): void {
  const budget = how % 2 === 0 ? { tokens: 30, calls: 12, ...(how % 5 === 0 && { wallMs: 150 }) } : {}
  try {
    chaos.handles.push(chaos.kernel.spawn(agentOf(chaos), undefined, { name: `p${chaos.handles.length}`, budget }))
  } catch (error) {
    // The kernel is closed, or the process of the tool it is spawned in has ended.
    if (!AiosError.is(error)) throw error
  }
}

function spawnInTool(chaos: Chaos, command: Command): void {
  pick([...chaos.devices.held.values()], command.who)?.inside(() => {
    spawn(chaos, command)
  })
}

async function swapDevice({ kernel, devices, isClosing }: Chaos, { how }: Command): Promise<void> {
  if (isClosing) return
  const flow = kernel.stats().lanes.some(({ lane }) => lane === 'llm/flow')
  if (flow) kernel.devices.remove('llm/flow').catch(() => undefined)
  else if (how % 2 === 0) await kernel.devices.add(flowingCore('flow', devices.closed)).catch(() => undefined)
}

/** What each verb does, and how often it is drawn. */
const VERBS = {
  spawn: { weight: 5, run: spawn },
  spawnInTool: { weight: 2, run: spawnInTool },
  call: {
    weight: 34,
    run: (chaos, command) => {
      makeCall(chaos, pick(callers(chaos, command.who), command.who)?.sys, command)
    },
  },
  nested: {
    weight: 12,
    run: (chaos, command) => {
      makeCall(chaos, pick([...chaos.devices.systems.values()], command.who), command)
    },
  },
  settle: {
    weight: 22,
    run: ({ devices }, { who, how }) => {
      pick([...devices.held.values()], who)?.succeed(how % 40)
    },
  },
  fail: {
    weight: 4,
    run: ({ devices }, { who }) => {
      pick([...devices.held.values()], who)?.fail()
    },
  },
  abort: {
    weight: 5,
    run: ({ made }, { who }) => {
      pick(
        made.filter((each) => each.settled === 0),
        who,
      )?.abort()
    },
  },
  end: {
    weight: 4,
    run: ({ agents }, { who, how }) => {
      pick(agents, who)?.end(how % 3 === 0 ? 'throw' : 'return')
    },
  },
  kill: {
    weight: 3,
    run: ({ handles }, { who }) => {
      pick(handles, who)?.kill('no longer needed')
    },
  },
  suspend: {
    weight: 4,
    run: ({ handles }, { who }) => {
      pick(handles, who)?.suspend()
    },
  },
  resume: {
    weight: 5,
    run: ({ handles }, { who }) => {
      pick(handles, who)?.resume()
    },
  },
  urgency: {
    weight: 2,
    run: ({ handles }, { who, how }) => {
      pick(handles, who)?.setPriority((how % 8) as 0)
    },
  },
  policy: {
    weight: 2,
    run: ({ kernel, isClosing }, { how }) => {
      if (!isClosing) kernel.setPolicy('memory', pick([fifo, priority, roundRobin], how)!())
    },
  },
  device: { weight: 2, run: swapDevice },
  advance: { weight: 6, run: ({ clock }, { how }) => clock.advance(1 + (how % 150)) },
  killAll: {
    weight: 1,
    run: ({ kernel }, { who }) => {
      if (who % 3 === 0) kernel.killAll()
    },
  },
  close: {
    weight: 1,
    run: (chaos, { who }) => {
      if (who % 3 === 0) close(chaos)
    },
  },
} satisfies Record<string, { weight: number; run: (chaos: Chaos, command: Command) => void | Promise<void> }>

type Verb = keyof typeof VERBS

/** Begins to close the kernel without waiting for it. */
export function close(chaos: Chaos): void {
  chaos.isClosing = true
  void chaos.kernel.close()
}

/** Makes lists of commands. */
export function commands(maxLength = 80): fc.Arbitrary<readonly Command[]> {
  const number = fc.nat(9_999)
  const verbs = Object.entries(VERBS).map(([verb, { weight }]) => ({ arbitrary: fc.constant(verb as Verb), weight }))
  return fc.array(fc.record({ verb: fc.oneof(...verbs), who: number, what: number, how: number }), {
    minLength: 20,
    maxLength,
    size: 'max',
  })
}

/** Boots a kernel in bad company. */
export async function chaos(): Promise<Chaos> {
  const world = await boot()
  misbehave(world.kernel)
  const self: Chaos = {
    ...world,
    agents: [],
    handles: [],
    made: [],
    isClosing: false,
    run: async (command) => {
      await VERBS[command.verb].run(self, command)
      await world.clock.settle()
    },
  }
  for (const how of [0, 1]) await self.run({ verb: 'spawn', who: 0, what: 0, how })
  return self
}
