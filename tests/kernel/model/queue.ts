/** The queue of a lane, and the turns that go with it. */
import { rootOf, type Call, type State } from './state.js'

export function enqueue(s: State, c: Call): void {
  const { queue, rings, trees } = s.lanes[c.op.lane!]!
  queue.push(c.id)
  if (!rings[c.priority]!.includes(c.pid)) rings[c.priority]!.push(c.pid)
  if (!trees[c.priority]!.includes(rootOf(s, c.pid))) trees[c.priority]!.push(rootOf(s, c.pid))
}

/** Takes a call out of its lane; its agent and tree keep their turns only while they have more calls of the class. */
export function dequeue(s: State, c: Call): void {
  const lane = s.lanes[c.op.lane ?? '']
  if (lane === undefined) return
  lane.queue = lane.queue.filter((id) => id !== c.id)
  const rest = lane.queue.map((id) => s.calls[id]!)
  const hasMore = (pid: number, level: number): boolean => rest.some((x) => x.pid === pid && x.priority === level)
  lane.rings = lane.rings.map((ring, level) => ring.filter((pid) => hasMore(pid, level)))
  const isThere = (root: number, level: number): boolean => lane.rings[level]!.some((pid) => rootOf(s, pid) === root)
  lane.trees = lane.trees.map((ring, level) => ring.filter((root) => isThere(root, level)))
}
