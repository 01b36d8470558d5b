/** Nobody waits for less urgent work than what it needs: at most for one call, which already runs. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compare } from './model/against-kernel.js'
import { history, play, type Moment } from './model/arbitrary-history.js'
import { living, outstanding, type Call, type Setup, type State } from './model/state.js'
import { lockHolder } from './model/wait-graph.js'
import { runs } from '../setup/runs.js'

const underPriority = ({ lanes, ...rest }: Setup): Setup => ({
  ...rest,
  lanes: Object.fromEntries(
    Object.entries(lanes).map(([name, lane]) => [name, { ...lane, concurrency: 1, policy: 'priority' }]),
  ),
})

/** Names what a call or process needs next. */
function needs(s: State, name: string): string[] {
  const [kind, id] = name.split(' ') as ['call' | 'process', string]
  const calls = outstanding(s)
  if (kind === 'process') {
    const own = calls.filter((c) => c.pid === Number(id)).map((c) => `call ${c.id}`)
    return [...own, ...living(s).flatMap((p) => (p.parent === Number(id) ? [`process ${p.id}`] : []))]
  }
  const call = s.calls[Number(id)]!
  const nested = calls.filter((c) => c.parent === call.id && c.pid === call.pid).map((c) => `call ${c.id}`)
  return [...nested, ...waitedFor(s, call)]
}

function waitedFor(s: State, call: Call): string[] {
  if (call.phase === 'locking') return lockHolder(s, call).map((holder) => `call ${holder.id}`)
  const waits = call.phase === 'waiting' && (call.op.kind === 'wait' || call.op.kind === 'receive')
  return waits && s.processes[call.op.peer ?? -1]?.exit === undefined ? [`process ${call.op.peer ?? -1}`] : []
}

/** Finds for every call the highest class among itself and all who need it, by following each wait to its end. */
function urgencies(s: State): Map<number, number> {
  const urgency = new Map(outstanding(s).map((c) => [c.id, c.own]))
  for (const waiter of outstanding(s)) {
    const reached = new Set(waitedFor(s, waiter))
    for (const name of reached) {
      for (const next of needs(s, name)) reached.add(next)
      const id = name.startsWith('call') ? Number(name.slice(5)) : -1
      if (urgency.has(id)) urgency.set(id, Math.max(urgency.get(id)!, waiter.own))
    }
  }
  return urgency
}

function inversions(moments: readonly Moment[]): string[] {
  const found: string[] = []
  for (const [at, { state }] of moments.entries()) {
    const before = moments[at - 1]?.state
    if (before === undefined) continue
    const [then, now] = [urgencies(before), urgencies(state)]
    const least = (id: number) => Math.min(then.get(id) ?? -1, now.get(id) ?? -1)
    const most = (id: number) => Math.max(state.calls[id]!.own, then.get(id) ?? -1, now.get(id) ?? -1)
    const waiting = (c: Call | undefined) => c?.phase === 'queued' && c.host === undefined
    for (const id of state.starts.slice(before.starts.length)) {
      const { lane } = state.calls[id]!.op
      for (const c of outstanding(state)) {
        if (c.op.lane !== lane || !waiting(c) || !waiting(before.calls[c.id]) || !waiting(before.calls[id])) continue
        if (most(id) < least(c.id)) found.push(`${id} (${most(id)}) started before ${c.id} (${least(c.id)})`)
      }
    }
  }
  return found
}

it('starts nothing less urgent before a call that somebody urgent needs', async () => {
  const property = fc.asyncProperty(history(60), async ({ setup, commands }) => {
    const moments = [...play({ setup: underPriority(setup), commands })]
    const { model, kernel } = await compare(underPriority(setup), moments)
    expect(kernel).toEqual(model)
    expect(inversions(moments)).toEqual([])
  })
  await fc.assert(property, { numRuns: runs(40, 5_000) })
})
