/** Tasks for testing what orders them, without a kernel. */
import type { Task } from '@aios/kernel'
import { TestOwner, TestTask } from '../../../packages/kernel/src/testing/policy-task.js'

export { TestOwner, TestTask }

/** Makes tasks whose ids grow; agents with the same name are the same, each a tree of its own. */
export function taskSource(): (agent?: string, given?: { priority?: number; queuedAt?: number }) => Task {
  const agents = new Map<string, TestOwner>()
  const tenant = { name: 'default', weight: 1 }
  let made = 0
  return (agent = 'a', given = {}) => {
    const owner = agents.get(agent) ?? new TestOwner(agents.size + 1, { name: agent, tenant })
    agents.set(agent, owner)
    return new TestTask((made += 1), owner, given)
  }
}
