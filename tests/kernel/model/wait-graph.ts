/**
 * The wait-for graph. Whoever waits for the *end* of something waits for all that is outstanding in it: a process ends
 * after its calls, a call after the calls nested in it. Whoever waits for a *word* of a process is content with any one of
 * its calls going on. A slot comes from any holder.
 */
import { callsOf, chain, isSuspended, living, onSlots, outstanding, type Call, type State } from './state.js'

/** Says what something waits for: for all of these, and for any of those, if there are any. */
interface Node {
  readonly all: readonly string[]
  readonly any: readonly string[]
}

const endOf = (c: Call): string => `end of call ${c.id}`
const wordOf = (c: Call): string => `word of call ${c.id}`
const nestedIn = (s: State, c: Call): Call[] => outstanding(s).filter((x) => x.parent === c.id)

function slotHolders(s: State, c: Call): Call[] {
  if (c.host !== undefined) return callsOf(s).filter((x) => x.isOnDevice && x.host === c.host)
  const holders = onSlots(s, c.op.lane!)
  return holders.length < s.lanes[c.op.lane!]!.concurrency ? [] : holders
}

export function lockHolder(s: State, c: Call): Call[] {
  const kin = [c, ...chain(s, c)]
  const keys = (c.op.keys ?? []).toSorted()
  const owners = keys.flatMap((key) => callsOf(s).filter((x) => x.locks.includes(key) && !kin.includes(x)))
  return owners.slice(0, 1)
}

function endNode(s: State, c: Call): Node {
  const lock = c.phase === 'locking' ? lockHolder(s, c) : []
  const slots = c.phase === 'queued' ? slotHolders(s, c) : []
  const peers =
    c.phase === 'waiting' && c.op.peer !== undefined ? [`${c.op.kind === 'wait' ? 'end' : 'word'} of ${c.op.peer}`] : []
  return { all: [...nestedIn(s, c).map(endOf), ...lock.map(endOf), ...peers], any: slots.map(endOf) }
}

function graphOf(s: State): Map<string, Node> {
  const graph = new Map<string, Node>()
  for (const c of outstanding(s)) {
    const nested = nestedIn(s, c)
    graph.set(endOf(c), endNode(s, c))
    graph.set(wordOf(c), { all: [], any: nested.length > 0 ? nested.map(wordOf) : [endOf(c)] })
  }
  for (const p of living(s)) {
    const own = outstanding(s).filter((c) => c.pid === p.id && c.parent === undefined)
    graph.set(`end of ${p.id}`, { all: own.map(endOf), any: [] })
    graph.set(`word of ${p.id}`, { all: [], any: isSuspended(s, p) ? [] : own.map(wordOf) })
  }
  return graph
}

/** Names what never comes if `c` does not end and if the words in `silent` are never said. */
function neverEnding(graph: ReadonlyMap<string, Node>, c: Call, silent: ReadonlySet<string>): ReadonlySet<string> {
  const stuck = new Set([...graph.keys()].filter((name) => name.startsWith('end') || silent.has(name)))
  for (let before = -1; before !== stuck.size;) {
    before = stuck.size
    for (const name of stuck) {
      if (name.startsWith('end') && name !== endOf(c) && !needsOneOf(graph.get(name)!, stuck)) stuck.delete(name)
    }
  }
  return stuck
}

function needsOneOf({ all, any }: Node, stuck: ReadonlySet<string>): boolean {
  return all.some((x) => stuck.has(x)) || (any.length > 0 && any.every((x) => stuck.has(x)))
}

/**
 * Tells whether a call waits, in the end, for itself. Ends are stuck unless something shows that they come; words come
 * unless something shows that nobody is left to say them.
 */
export function closesCycle(s: State, c: Call): boolean {
  const graph = graphOf(s)
  const silent = new Set<string>()
  for (;;) {
    const stuck = neverEnding(graph, c, silent)
    const fallSilent = [...graph].filter(
      ([name, node]) => name.startsWith('word') && !silent.has(name) && needsOneOf(node, stuck),
    )
    if (fallSilent.length === 0) return needsOneOf(graph.get(endOf(c))!, stuck)
    for (const [name] of fallSilent) silent.add(name)
  }
}

/**
 * Tells whether anything can never end: removes, over and over, what waits for nothing, and looks at what is left.
 * Words do not count: they may come from code that waits for nothing, after the call that made a wait for them hopeful.
 */
export function waitGraphHasCycle(s: State): boolean {
  const graph = graphOf(s)
  for (const name of graph.keys()) if (name.startsWith('word')) graph.delete(name)
  for (let before = -1; before !== graph.size;) {
    before = graph.size
    for (const [name, { all, any }] of graph) {
      const isFree = !all.some((x) => graph.has(x)) && (any.length === 0 || any.some((x) => !graph.has(x)))
      if (isFree) graph.delete(name)
    }
  }
  return graph.size > 0
}
