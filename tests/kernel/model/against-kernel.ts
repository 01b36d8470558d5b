/** Compares a real kernel with the reference model, as far as either can be seen from outside. */
import type { ToolOutcome } from '@aios/kernel/driver'
import type { History } from './arbitrary-history.js'
import { isDirect, play } from './arbitrary-history.js'
import { rig, type Rig } from './rig.js'
import { callsOf, onSlots, processState, type State } from './state.js'
import type { Event } from './step.js'
import { waitGraphHasCycle } from './wait-graph.js'

type View = Readonly<Record<string, unknown>>

/** Describes what a model state looks like from outside. */
function viewOfModel(s: State): View {
  const settled = callsOf(s).filter((c) => c.phase === 'settled')
  const composites = settled.filter((c) => c.op.kind === 'all' && c.outcome === 'ok')
  const processes = Object.values(s.processes)
  return {
    outcomes: Object.fromEntries(settled.filter((c) => isDirect(s, c)).map((c) => [c.id, c.outcome])),
    composites: Object.fromEntries(composites.map((c) => [c.id, c.op.calls!.map(({ id }) => s.calls[id]!.outcome)])),
    messages: Object.fromEntries(settled.filter((c) => c.message !== undefined).map((c) => [c.id, c.message])),
    results: Object.fromEntries(
      processes.filter((p) => p.hasHandle && p.exit !== undefined).map((p) => [p.id, p.exit]),
    ),
    starts: s.starts,
    exits: s.exits,
    states: Object.fromEntries(processes.map((p) => [p.id, processState(s, p.id)])),
    mailboxes: Object.fromEntries(processes.filter((p) => p.exit === undefined).map((p) => [p.id, p.mailbox.length])),
    used: Object.fromEntries(processes.map((p) => [p.id, p.used])),
    lanes: Object.fromEntries(
      Object.entries(s.lanes).map(([name, { queue }]) => [
        name,
        { running: onSlots(s, name).length, queued: queue.length },
      ]),
    ),
  }
}

const codeOf = (outcome: ToolOutcome): string => (outcome.status === 'fulfilled' ? 'ok' : outcome.error.code)

function viewOfKernel({ kernel, outcomes, results, values, exits, devices, pids }: Rig, s: State): View {
  const rows = new Map(kernel.ps().map((row) => [row.pid, row]))
  const seen = [...pids].flatMap(([label, pid]) => {
    const row = rows.get(pid)
    return row ? [{ label, row }] : []
  })
  const receives = callsOf(s).filter((c) => c.op.kind === 'receive' && values.has(c.id))
  const composites = callsOf(s).filter((c) => c.op.kind === 'all' && values.has(c.id))
  const lanes = kernel.stats().lanes.filter(({ lane }) => lane in s.lanes)
  return {
    outcomes: Object.fromEntries(outcomes),
    composites: Object.fromEntries(
      composites.map(({ id }) => [id, (values.get(id) as readonly ToolOutcome[]).map(codeOf)]),
    ),
    messages: Object.fromEntries(receives.map(({ id }) => [id, (values.get(id) as { message: unknown }).message])),
    results: Object.fromEntries([...results].filter(([label]) => label in s.processes)),
    starts: [...devices.starts],
    exits: [...exits],
    states: Object.fromEntries(seen.map(({ label, row }) => [label, row.state])),
    mailboxes: Object.fromEntries(
      seen.filter(({ row }) => row.state !== 'exited').map(({ label, row }) => [label, row.mailbox]),
    ),
    used: Object.fromEntries(
      seen.map(({ label, row }) => [
        label,
        { tokens: row.usage.inputTokens + row.usage.outputTokens, calls: row.usage.calls },
      ]),
    ),
    lanes: Object.fromEntries(lanes.map(({ lane, running, queued }) => [lane, { running, queued }])),
  }
}

/** Is a history that the model and a kernel lived through together, up to the first difference. */
export interface Comparison {
  readonly events: readonly Event[]
  readonly model: View
  readonly kernel: View
  readonly hasCycle: boolean
}

const isSame = (a: View, b: View): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([key, inner]) => [key, sorted(inner)]),
      )

/** Runs a history against both; stops where they differ. */
export async function compare(history: History): Promise<Comparison> {
  const real = await rig(history.setup)
  const events: Event[] = []
  let last: Comparison = { events, model: {}, kernel: {}, hasCycle: false }
  for (const { event, state } of play(history)) {
    events.push(event)
    await real.apply(event)
    last = { events, model: viewOfModel(state), kernel: viewOfKernel(real, state), hasCycle: waitGraphHasCycle(state) }
    if (last.hasCycle || !isSame(last.model, last.kernel)) break
  }
  const closed = real.kernel.close()
  await real.clock.runAll()
  await closed
  return last
}
