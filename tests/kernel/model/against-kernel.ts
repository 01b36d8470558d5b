/** Compares a real kernel with the reference model, as far as either can be seen from outside. */
import type { ToolOutcome } from '@aios/kernel/driver'
import { isDirect, type Moment } from './arbitrary-history.js'
import { rig, type Rig } from './rig.js'
import { callsOf, isRunning, onSlots, processState, type Setup, type State } from './state.js'
import type { Event } from './step.js'
import { waitGraphHasCycle } from './wait-graph.js'

/** Is what either looks like from outside: tables by label. */
type View = Readonly<Record<string, unknown>>

function table<T>(rows: Iterable<T>, entry: (row: T) => readonly [number | string, unknown]): View {
  return Object.fromEntries([...rows].map(entry).sort(([a], [b]) => String(a).localeCompare(String(b))))
}

/** The order of starts means something within a lane only. */
function startsByLane(s: State, starts: readonly number[]): View {
  return table(Object.keys(s.lanes), (lane) => [lane, starts.filter((label) => s.calls[label]?.op.lane === lane)])
}

function viewOfModel(s: State): View {
  const calls = callsOf(s)
  const settled = calls.filter((c) => c.phase === 'settled' && isDirect(s, c))
  const composites = settled.filter((c) => c.op.kind === 'all' && c.outcome === 'ok')
  const processes = Object.values(s.processes)
  const ended = processes.filter((p) => p.hasHandle && p.exit !== undefined)
  return {
    outcomes: table(settled, (c) => [c.id, c.outcome]),
    composites: table(composites, (c) => [c.id, c.op.calls!.map(({ id }) => s.calls[id]!.outcome)]),
    messages: table(
      settled.filter((c) => c.message !== undefined),
      (c) => [c.id, c.message],
    ),
    clips: table(
      calls.filter((c) => isRunning(c) && c.reserved > 0),
      (c) => [c.id, c.reserved - c.op.input!],
    ),
    starts: startsByLane(s, s.starts),
    results: table(ended, (p) => [p.id, p.exit]),
    exits: [...s.exits],
    processes: table(processes, (p) => {
      const { id, parent, priority, used, mailbox, exit } = p
      const living = { parent, priority, tokens: used.tokens, calls: used.calls, mailbox: mailbox.length }
      return [id, { state: processState(s, id), ...(exit === undefined && living) }]
    }),
    lanes: table(Object.entries(s.lanes), ([name, lane]) => [
      name,
      { running: onSlots(s, name).length, queued: lane.queue.length },
    ]),
  }
}

const codeOf = (outcome: ToolOutcome): string => (outcome.status === 'fulfilled' ? 'ok' : outcome.error.code)

function viewOfKernel({ kernel, outcomes, results, values, exits, devices, pids }: Rig, s: State): View {
  const kinds = (kind: string): [number, unknown][] => [...values].filter(([label]) => s.calls[label]?.op.kind === kind)
  const labels = new Map([...pids].map(([label, pid]) => [pid, label]))
  const clipped = [...devices.held].filter(([label]) => (s.calls[label]?.reserved ?? 0) > 0 && !outcomes.has(label))
  return {
    outcomes: table(outcomes, (row) => row),
    composites: table(kinds('all'), ([label, value]) => [label, (value as readonly ToolOutcome[]).map(codeOf)]),
    messages: table(kinds('receive'), ([label, value]) => [label, (value as { message: unknown }).message]),
    clips: table(clipped, ([label, { maxOutput }]) => [label, maxOutput]),
    starts: startsByLane(s, devices.starts),
    results: table(
      [...results].filter(([label]) => label in s.processes),
      (row) => row,
    ),
    exits: [...exits],
    processes: table(
      kernel.ps().filter(({ pid }) => labels.has(pid)),
      ({ pid, state, usage, ...row }) => {
        const used = { tokens: usage.inputTokens + usage.outputTokens, calls: usage.calls }
        const parent = labels.get(row.parentPid) ?? 0
        const living = { parent, priority: row.priority, ...used, mailbox: row.mailbox }
        return [labels.get(pid)!, { state, ...(state !== 'exited' && living) }]
      },
    ),
    lanes: table(
      kernel.stats().lanes.filter(({ lane }) => lane in s.lanes),
      ({ lane, running, queued }) => [lane, { running, queued }],
    ),
  }
}

/** Is a history that the model and a kernel lived through together, up to the first difference. */
export interface Comparison {
  readonly events: readonly Event[]
  readonly model: View
  readonly kernel: View
  readonly hasCycle: boolean
  /** What is left when the kernel has closed. */
  readonly left: ReturnType<Rig['left']>
}

/** Lets a kernel live through what the model lived through; stops where they differ. */
export async function compare(setup: Setup, moments: Iterable<Moment>): Promise<Comparison> {
  const real = await rig(setup)
  const events: Event[] = []
  let last: Omit<Comparison, 'left'> = { events, model: {}, kernel: {}, hasCycle: false }
  for (const { event, state } of moments) {
    events.push(event)
    await real.apply(event)
    last = { events, model: viewOfModel(state), kernel: viewOfKernel(real, state), hasCycle: waitGraphHasCycle(state) }
    if (last.hasCycle || JSON.stringify(last.model) !== JSON.stringify(last.kernel)) break
  }
  const closed = real.kernel.close()
  await real.clock.runAll()
  await closed
  return { ...last, left: real.left() }
}
