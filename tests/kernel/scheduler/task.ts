/** Tasks for testing what orders them, without a kernel. */
import type { Task, TaskOwner } from '@aios/kernel'

/** Makes tasks whose ids grow; agents with the same name are the same. */
export function taskSource(): (agent?: string, given?: { priority?: number; queuedAt?: number }) => Task {
  const agents = new Map<string, TaskOwner>()
  let made = 0
  return (agent = 'a', { priority = 3, queuedAt = 0 } = {}) => {
    const owner = agents.get(agent) ?? { pid: agents.size + 1 }
    agents.set(agent, owner)
    const links = { next: undefined, previous: undefined, earlier: undefined, later: undefined, list: undefined }
    return { id: (made += 1), owner, priority, queuedAt, ...links }
  }
}
