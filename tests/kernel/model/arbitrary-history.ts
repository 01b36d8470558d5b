/** Random histories. A command is a verb and three numbers, which choose among what the state offers when it runs. */
import fc from 'fast-check'
import { callsOf, isRunning, living, outstanding, type Call, type Setup, type Spawn, type State } from './state.js'
import { initial } from './state.js'
import { step, type Event } from './step.js'

/** Weights of the verbs: calls and settlements are common, kills and closes are rare. */
const VERBS = {
  spawn: 4,
  child: 4,
  spawnInTool: 2,
  ask: 12,
  remember: 10,
  store: 3,
  tool: 10,
  nested: 10,
  callAll: 2,
  settle: 22,
  fail: 3,
  abort: 4,
  exit: 2,
  throw: 2,
  kill: 2,
  cut: 2,
  killAll: 1,
  suspend: 4,
  resume: 5,
  setPriority: 2,
  advance: 5,
  send: 5,
  receive: 5,
  wait: 5,
  close: 1,
} as const

export type Verb = keyof typeof VERBS

export interface Command {
  readonly verb: Verb
  /** Chooses whom it is about. */
  readonly who: number
  /** Chooses what it is about. */
  readonly what: number
  /** Chooses how: options, keys, amounts. */
  readonly how: number
}

export interface History {
  readonly setup: Setup
  readonly commands: readonly Command[]
}

const number = fc.nat(9_999)

const setup: fc.Arbitrary<Setup> = fc
  .record({
    slots: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
    policy: fc.constantFrom('roundRobin', 'roundRobin', 'fifo', 'priority'),
    depth: fc.constantFrom(1, 2, 1_000),
  })
  .map(({ slots: [llm, memory, tool], policy, depth }) => ({
    abandonAfterMs: 100,
    mailboxDepth: 2,
    lanes: {
      'llm/main': { concurrency: llm, policy },
      memory: { concurrency: memory, policy, depth },
      storage: { concurrency: 1, policy },
      tool: { concurrency: tool, policy },
    },
  }))

/** Makes histories of up to `maxLength` commands. */
export function history(maxLength = 40): fc.Arbitrary<History> {
  const verbs = Object.entries(VERBS).map(([verb, weight]) => ({ arbitrary: fc.constant(verb as Verb), weight }))
  const command = fc.record({ verb: fc.oneof(...verbs), who: number, what: number, how: number })
  return fc.record({ setup, commands: fc.array(command, { maxLength, size: 'max' }) })
}

const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)]
const oneIn = (n: number, of: number): boolean => n % of === of - 1

function spawnOptions(how: number): Spawn {
  return {
    ...(oneIn(how, 3) && { priority: how % 8 }),
    ...(oneIn(how, 2) && { tokens: 40 + (how % 5) * 20 }),
    ...(oneIn(how, 7) && { calls: 1 + (how % 6) }),
    ...(oneIn(how, 11) && { deadlineMs: 170 + (how % 7) * 31 }),
    ...(oneIn(how, 13) && { wallMs: 153 + (how % 7) * 37 }),
  }
}

function callFields(how: number): { priority?: number; deadlineMs?: number; isAborted?: true } {
  return {
    ...(oneIn(how, 5) && { priority: how % 8 }),
    ...(oneIn(how, 6) && { deadlineMs: 23 + (how % 11) * 13 }),
    ...(oneIn(how, 17) && { isAborted: true }),
  }
}

const KEYS = [[], [], [], ['a'], ['b'], ['b', 'a']] as const

function device(verb: Verb, how: number): Call['op'] {
  const isPolite = !oneIn(how, 3)
  switch (verb) {
    case 'ask':
      return { kind: 'device', lane: 'llm/main', input: 1 + (how % 20), output: 1 + (how % 45), isPolite }
    case 'remember':
      return { kind: 'device', lane: 'memory', isPolite }
    case 'store':
      return { kind: 'device', lane: 'storage', isPolite }
    default:
      return { kind: 'device', lane: 'tool', keys: KEYS[how % KEYS.length]!, isPolite }
  }
}

/** Tells a call that the history itself makes from one that a composite makes for it. */
export const isDirect = (s: State, c: Call): boolean => s.calls[c.parent ?? -1]?.op.kind !== 'all'

/** Finds who calls: most often a living process, sometimes one that has ended, sometimes from within a running tool. */
function caller(s: State, { who }: Command): { pid: number; parent?: number } | undefined {
  const tools = outstanding(s).filter((c) => isRunning(c) && c.op.lane === 'tool')
  const from = oneIn(who, 4) ? pick(tools, who) : undefined
  if (from !== undefined) return { pid: from.pid, parent: from.id }
  const all = Object.values(s.processes)
  const p = pick(oneIn(who, 15) ? all : living(s), who)
  return p && { pid: p.id }
}

function callEvent(s: State, command: Command, id: number): Event | undefined {
  const { verb, what, how } = command
  const from = caller(s, command)
  const target = pick(Object.keys(s.processes).map(Number), what)
  if (from === undefined || target === undefined) return undefined
  const make = (op: Call['op']): Event => ({ type: 'call', id, ...from, ...callFields(how), op })
  switch (verb) {
    case 'child':
      return make({ kind: 'spawn', child: { ...spawnOptions(how), ...(oneIn(what, 5) && { isDetached: true }) } })
    case 'send':
      return make({ kind: 'send', peer: target })
    case 'receive':
      return make({ kind: 'receive', ...(oneIn(how, 2) && { peer: target }) })
    case 'wait':
      return make({ kind: 'wait', peer: target })
    case 'callAll':
      return make({
        kind: 'all',
        calls: [1, 2, 3].slice(how % 3).map((n) => ({ id: id + n, keys: KEYS[(how + n) % 6]! })),
      })
    default:
      return make(device(verb, how))
  }
}

function nestedEvent(s: State, { who, what, how }: Command, id: number): Event | undefined {
  const tools = callsOf(s).filter(
    (c) => c.op.lane === 'tool' && (isRunning(c) || (oneIn(who, 9) && s.starts.includes(c.id))),
  )
  const parent = pick(tools, who)
  const verb = pick(['tool', 'tool', 'remember', 'ask', 'store'] as const, what)!
  return parent && { type: 'call', id, pid: parent.pid, parent: parent.id, ...callFields(how), op: device(verb, how) }
}

function processEvent(s: State, { verb, who, how }: Command): Event | undefined {
  const p = pick(living(s), who)
  if (p === undefined) return undefined
  if (verb === 'exit' || verb === 'throw') return { type: 'exit', pid: p.id, isError: verb === 'throw' }
  if (verb === 'cut') return { type: 'cut', pid: p.id }
  const reachable = pick(
    living(s).filter((x) => x.hasHandle),
    who,
  )
  if (reachable === undefined) return undefined
  if (verb === 'setPriority') return { type: 'setPriority', pid: reachable.id, priority: how % 8 }
  return { type: verb as 'kill' | 'suspend' | 'resume', pid: reachable.id }
}

function settleEvent(s: State, { verb, who, how }: Command): Event | undefined {
  if (verb === 'abort')
    return ((c) => c && { type: 'abort' as const, call: c.id })(
      pick(
        outstanding(s).filter((c) => isDirect(s, c)),
        who,
      ),
    )
  const c = pick(
    callsOf(s).filter((x) => x.isOnDevice),
    who,
  )
  return c && { type: 'settle', call: c.id, isError: verb === 'fail', tokens: oneIn(how, 9) ? 70 : how % 30 }
}

/** Turns a command into an event that makes sense now, or into nothing. */
export function resolve(s: State, command: Command, id: number): Event | undefined {
  const { verb, who, how } = command
  switch (verb) {
    case 'spawn':
      return { type: 'spawn', id, options: spawnOptions(how) }
    case 'spawnInTool': {
      const tool = pick(
        outstanding(s).filter((c) => isRunning(c) && c.op.lane === 'tool'),
        who,
      )
      return tool && { type: 'spawn', id, options: spawnOptions(how), via: tool.id }
    }
    case 'nested':
      return nestedEvent(s, command, id)
    case 'settle':
    case 'fail':
    case 'abort':
      return settleEvent(s, command)
    case 'exit':
    case 'throw':
    case 'kill':
    case 'cut':
    case 'suspend':
    case 'resume':
    case 'setPriority':
      return processEvent(s, command)
    case 'advance':
      return { type: 'advance', ms: 1 + (how % 120) }
    case 'killAll':
      return oneIn(who, 3) ? { type: 'killAll' } : undefined
    case 'close':
      return oneIn(who, 2) ? { type: 'close' } : undefined
    default:
      return callEvent(s, command, id)
  }
}

/** Is an event with the state that it led to. */
export interface Moment {
  readonly event: Event
  readonly state: State
}

/** Runs a history against the model. */
export function* play({ setup, commands }: History): Generator<Moment> {
  let state = initial(setup)
  for (const [index, command] of commands.entries()) {
    // What a composite calls takes the ids after its own.
    const event = resolve(state, command, 10 * (index + 1))
    if (event === undefined) continue
    state = step(state, event)
    yield { event, state }
  }
}

/** Runs given events against the model. */
export function* replay(setup: Setup, events: readonly Event[]): Generator<Moment> {
  let state = initial(setup)
  for (const event of events) yield { event, state: (state = step(state, event)) }
}
