/** A real kernel on a virtual clock that lives through the events of a history, and what came of it, by label. */
import { AiosError, createKernel, fifo, priority, roundRobin } from '@aios/kernel'
import type { AgentProcess, Kernel, KernelLimits, SpawnOptions, Sys, SyscallOptions } from '@aios/kernel'
import type { DeviceLimits } from '@aios/kernel/driver'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import type { Operation, Setup, Spawn } from './state.js'
import type { Event } from './step.js'
import { stillDevices, type StillDevices, type Ticket } from './still-devices.js'

interface Agent {
  readonly sys: Sys
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Is a kernel under test with everything that can be seen of it from outside. */
export interface Rig {
  readonly kernel: Kernel
  readonly clock: VirtualClock
  readonly devices: StillDevices
  /** How each settled call ended. */
  readonly outcomes: ReadonlyMap<number, string>
  readonly values: ReadonlyMap<number, unknown>
  /** How each ended process with a handle ended. */
  readonly results: ReadonlyMap<number, string>
  /** Pids by label. */
  readonly pids: ReadonlyMap<number, number>
  /** Labels of processes in the order they ended. */
  readonly exits: readonly number[]
  /** Counts what is still there: listeners on signals of callers, pending timers, calls that have not settled. */
  left(): { readonly listeners: number; readonly timers: number; readonly unsettled: number }
  /** Does what an event says and lets everything settle. */
  apply(event: Event): Promise<void>
}

/** Is the reason of every signal. */
const REASON = Symbol('reason')

/** Is what an agent throws. */
const THROWN = new Error('the agent threw')

function outcomeOf(error: unknown): string {
  if (error === REASON) return 'reason'
  if (error === THROWN) return 'error'
  return AiosError.is(error) ? error.code : `not an AiosError: ${String(error)}`
}

/** Counts listeners on a signal, whichever way they come and go. */
export function countedSignal(): { controller: AbortController; count: () => number } {
  const controller = new AbortController()
  const listeners = new Set<unknown>()
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.add(args[1])
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1])
    remove(...args)
  }
  add('abort', () => {
    listeners.clear()
  })
  return { controller, count: () => listeners.size }
}

function spawnOptions(label: number, given: Spawn, signal: AbortSignal): SpawnOptions {
  const { tokens, calls, wallMs, priority, deadlineMs, isDetached } = given
  const budget = {
    ...(tokens !== undefined && { tokens }),
    ...(calls !== undefined && { calls }),
    ...(wallMs !== undefined && { wallMs }),
  }
  return {
    name: `p${label}`,
    signal,
    ...(Object.keys(budget).length > 0 && { budget }),
    ...(priority !== undefined && { priority: priority as 0 }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(isDetached && { detached: true }),
  }
}

function ticketOf(label: number, op: Operation): Ticket {
  const { input, isPolite, keys } = op
  return { label, ...(input !== undefined && { input }), ...(isPolite && { isPolite }), ...(keys && { keys }) }
}

type CallEvent = Extract<Event, { type: 'call' }>

/** Is what a call is made of besides its event. */
interface CallParts {
  readonly options: SyscallOptions
  readonly agent: (sys: Sys) => Promise<unknown>
  readonly pid: (label: number) => number
  /** Makes the signal of the process that is spawned. */
  readonly cut: (label: number) => AbortSignal
}

function makeCall(sys: Sys, { op, id }: CallEvent, rest: CallParts): Promise<unknown> {
  const { options, agent, pid, cut } = rest
  switch (op.kind) {
    case 'device': {
      const content = JSON.stringify(ticketOf(id, op))
      if (op.lane === 'memory') return sys.memory.add({ content }, options)
      if (op.lane === 'storage') return sys.storage.write({ path: 'f', content }, options)
      if (op.lane === 'tool') return sys.tool.call({ name: 'local/t', input: ticketOf(id, op) }, options)
      return sys.llm.chat(
        { messages: [{ role: 'user', content }], ...(op.output !== undefined && { maxOutputTokens: op.output }) },
        options,
      )
    }
    case 'all':
      return sys.tool.callAll(
        {
          calls: op.calls!.map((c) => ({
            id: String(c.id),
            name: 'local/t',
            input: { label: c.id, keys: c.keys ?? [] },
          })),
        },
        options,
      )
    case 'spawn':
      return sys.agent.spawn({ agent, ...spawnOptions(id, op.child!, cut(id)) }, options)
    case 'send':
      return sys.agent.send({ to: pid(op.peer!), message: id }, options)
    case 'receive':
      return sys.agent.receive(op.peer === undefined ? {} : { from: pid(op.peer) }, options)
    case 'wait':
      return sys.agent.wait({ pid: pid(op.peer!) }, options)
  }
}

const LANES = ['llm/main', 'memory', 'storage', 'tool'] as const

async function boot(setup: Setup, clock: VirtualClock): Promise<{ kernel: Kernel; devices: StillDevices }> {
  const bounds = (lane: string): DeviceLimits => {
    const { concurrency = 1, depth } = setup.lanes[lane] ?? {}
    return { concurrency, ...(depth !== undefined && { depth }) }
  }
  const [llm, memory, storage, tool] = LANES.map(bounds) as [DeviceLimits, DeviceLimits, DeviceLimits, DeviceLimits]
  const devices = stillDevices({ 'llm/main': llm, memory, storage, tool })
  // Histories are about who is next, not about how long it waited: ageing is far beyond their end.
  const policyOf = (lane: string) => {
    const { policy } = setup.lanes[lane] ?? {}
    if (policy === 'fifo') return fifo()
    return policy === 'priority' ? priority({ ageingMs: 1e9 }) : roundRobin({ ageingMs: 1e9 })
  }
  const policies = Object.fromEntries(LANES.map((lane) => [lane, policyOf(lane)]))
  const limits: Partial<KernelLimits> = {
    ...(setup.abandonAfterMs !== undefined && { abandonAfterMs: setup.abandonAfterMs }),
    ...(setup.mailboxDepth !== undefined && { mailboxDepth: setup.mailboxDepth }),
  }
  return {
    kernel: await createKernel({
      clock,
      policies,
      limits,
      llm: devices.llm,
      memory: devices.memory,
      storage: devices.storage,
      tools: devices.tools,
    }),
    devices,
  }
}

/** Boots a kernel with the lanes of a setup. */
export async function rig(setup: Setup): Promise<Rig> {
  const clock = virtualClock()
  const { kernel, devices } = await boot(setup, clock)
  const agents = new Map<number, Agent>()
  const handles = new Map<number, AgentProcess>()
  const signals = new Map<number, ReturnType<typeof countedSignal>>()
  const cuts = new Map<number, ReturnType<typeof countedSignal>>()
  const cut = (label: number): AbortSignal => {
    const signal = countedSignal()
    cuts.set(label, signal)
    return signal.controller.signal
  }
  const outcomes = new Map<number, string>()
  const values = new Map<number, unknown>()
  const results = new Map<number, string>()
  const pids = new Map<number, number>()
  const exits: number[] = []
  const stopListening = kernel.on('process:exited', ({ name }) => void exits.push(Number(name.slice(1))))
  kernel.on('kernel:closed', stopListening)

  const agent =
    (label: number) =>
    (sys: Sys): Promise<unknown> => {
      pids.set(label, sys.pid)
      return new Promise((resolve, reject) => {
        agents.set(label, { sys, resolve, reject })
      })
    }
  function record(label: number, promise: Promise<unknown>, into: Map<number, string>): void {
    const once = (outcome: string): void => {
      into.set(label, into.has(label) ? `twice: ${into.get(label)!}, ${outcome}` : outcome)
    }
    promise.then(
      (value) => {
        values.set(label, value)
        once('ok')
      },
      (error: unknown) => {
        once(outcomeOf(error))
      },
    )
  }
  function call(event: CallEvent): void {
    const signal = countedSignal()
    signals.set(event.id, signal)
    if (event.isAborted) signal.controller.abort(REASON)
    const options: SyscallOptions = {
      signal: signal.controller.signal,
      ...(event.priority !== undefined && { priority: event.priority as 0 }),
      ...(event.deadlineMs !== undefined && { deadlineMs: event.deadlineMs }),
    }
    const sys = event.parent === undefined ? agents.get(event.pid)!.sys : devices.systems.get(event.parent)!
    record(
      event.id,
      makeCall(sys, event, { options, agent: agent(event.id), pid: (label) => pids.get(label)!, cut }),
      outcomes,
    )
  }
  function spawn(event: Extract<Event, { type: 'spawn' }>): void {
    const start = (): void => {
      try {
        const process = kernel.spawn(agent(event.id), undefined, spawnOptions(event.id, event.options, cut(event.id)))
        pids.set(event.id, process.pid)
        handles.set(event.id, process)
        record(event.id, process.result, results)
      } catch (error) {
        results.set(event.id, outcomeOf(error))
      }
    }
    if (event.via === undefined) start()
    else devices.held.get(event.via)!.inside(start)
  }
  async function apply(event: Event): Promise<void> {
    switch (event.type) {
      case 'spawn':
        spawn(event)
        break
      case 'call':
        call(event)
        break
      case 'settle':
        if (event.isError) devices.held.get(event.call)!.fail()
        else devices.held.get(event.call)!.succeed(event.tokens ?? 0)
        break
      case 'abort':
        signals.get(event.call)!.controller.abort(REASON)
        break
      case 'exit':
        if (event.isError) agents.get(event.pid)!.reject(THROWN)
        else agents.get(event.pid)!.resolve('result')
        break
      case 'cut':
        cuts.get(event.pid)!.controller.abort(REASON)
        break
      case 'kill':
      case 'suspend':
      case 'resume':
        handles.get(event.pid)![event.type]()
        break
      case 'setPriority':
        handles.get(event.pid)!.setPriority(event.priority as 0)
        break
      case 'advance':
        await clock.advance(event.ms)
        break
      case 'killAll':
        kernel.killAll()
        break
      case 'close':
        void kernel.close()
    }
    await clock.settle()
  }
  const left: Rig['left'] = () => ({
    listeners: [...signals.values(), ...cuts.values()].reduce((sum, { count }) => sum + count(), 0),
    timers: clock.pending,
    unsettled: signals.size - outcomes.size,
  })
  return { kernel, clock, devices, outcomes, values, results, pids, exits, left, apply }
}
