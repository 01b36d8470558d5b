/** Short words for writing histories of the model by hand. */
import { initial, type Setup, type Spawn, type State } from './state.js'
import { step, type Event } from './step.js'

type CallEvent = Extract<Event, { type: 'call' }>
type CallFields = Partial<Pick<CallEvent, 'parent' | 'priority' | 'deadlineMs' | 'isAborted'>>
type DeviceFields = CallFields & {
  readonly keys?: readonly string[]
  readonly input?: number
  readonly output?: number
  readonly isPolite?: boolean
}

export const spawn = (id: number, options: Spawn = {}): Event => ({ type: 'spawn', id, options })
export const child = (id: number, pid: number, options: Spawn & CallFields = {}): Event => {
  const { parent, ...child } = options
  return { type: 'call', id, pid, op: { kind: 'spawn', child }, ...(parent !== undefined && { parent }) }
}

/** Makes a call through a lane: `on('memory', 7, 1)` is call 7 of process 1. */
export function on(lane: string, id: number, ...[pid, fields = {}]: [number, DeviceFields?]): Event {
  const { keys, input, output, isPolite, ...rest } = fields
  const bounds = { ...(input !== undefined && { input }), ...(output !== undefined && { output }) }
  const op = { kind: 'device', lane, ...bounds, ...(keys && { keys }), ...(isPolite && { isPolite }) } as const
  return { type: 'call', id, pid, op, ...rest }
}
export const all = (id: number, pid: number, calls: readonly number[]): Event => ({
  type: 'call',
  id,
  pid,
  op: { kind: 'all', calls: calls.map((call) => ({ id: call })) },
})
export const send = (id: number, pid: number, to: number): Event => ({
  type: 'call',
  id,
  pid,
  op: { kind: 'send', peer: to },
})
export const receive = (id: number, pid: number, fields: CallFields & { readonly from?: number } = {}): Event => {
  const { from, ...rest } = fields
  return { type: 'call', id, pid, op: { kind: 'receive', ...(from !== undefined && { peer: from }) }, ...rest }
}
export const wait = (id: number, pid: number, ...[target, fields = {}]: [number, CallFields?]): Event => ({
  type: 'call',
  id,
  pid,
  op: { kind: 'wait', peer: target },
  ...fields,
})
export const done = (call: number, tokens = 0): Event => ({ type: 'settle', call, tokens })
export const failed = (call: number): Event => ({ type: 'settle', call, isError: true })
export const abort = (call: number): Event => ({ type: 'abort', call })
export const exit = (pid: number): Event => ({ type: 'exit', pid })
export const thrown = (pid: number): Event => ({ type: 'exit', pid, isError: true })
export const kill = (pid: number): Event => ({ type: 'kill', pid })
/** Aborts the signal of a process. */
export const cut = (pid: number): Event => ({ type: 'cut', pid })
export const suspend = (pid: number): Event => ({ type: 'suspend', pid })
export const resume = (pid: number): Event => ({ type: 'resume', pid })
export const setPriority = (pid: number, priority: number): Event => ({ type: 'setPriority', pid, priority })
export const advance = (ms: number): Event => ({ type: 'advance', ms })
export const close: Event = { type: 'close' }

/** Lanes with one slot each. */
export const SINGLE: Setup = {
  lanes: { llm: { concurrency: 1 }, memory: { concurrency: 1 }, storage: { concurrency: 1 }, tool: { concurrency: 1 } },
  abandonAfterMs: 100,
}

export const after = (events: readonly Event[], setup: Setup = SINGLE): State => events.reduce(step, initial(setup))

/** Shows how each call stands: its outcome once it is settled, its phase until then. */
export function standing(s: State): Record<number, string> {
  return Object.fromEntries(Object.values(s.calls).map((c) => [c.id, c.phase === 'settled' ? c.outcome! : c.phase]))
}
