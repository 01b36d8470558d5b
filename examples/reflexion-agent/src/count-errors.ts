import { offlineModel } from '@aios/example-rule-core'
import { createKernel, embeddedStorage, reflexion } from '@aios/sdk'
import type { Agent, Attempted, Kernel, MemoryHit, ReflexionResult, Sys, Verdict } from '@aios/sdk'
import { withSavedRecords } from './saved-records.js'

/** Is what came of the task, and what stayed in memory. */
export interface Counted {
  readonly result: ReflexionResult
  readonly lessons: readonly MemoryHit[]
}

/** Is the task. It does not say that errors may be written in upper or lower case: that is what has to be learnt. */
export const TASK = 'How many lines in server.log contain error?'

/** Judges by a test of its own. It tells what is wrong, never the right number. */
async function evaluate(sys: Sys, { answer }: Attempted): Promise<Verdict> {
  const { content } = await sys.storage.read({ path: 'server.log' })
  const expected = content.split('\n').filter((line) => /error/i.test(line)).length
  if (Number(/\d+/.exec(answer)?.[0]) === expected) return { ok: true }
  return { ok: false, feedback: 'Lines are missing: upper and lower case must not make a difference.' }
}

const TOOLS = ['list_files', 'read_file', 'search_files', 'calculator']

/** Is the agent: counts, has its answer judged, and tries again with what it learnt. */
export const counter: Agent<string, ReflexionResult> = reflexion({ attempt: { tools: TOOLS }, evaluate })

/** Lets an agent count until the test accepts its answer, learning from each failure; its memory is kept in `dataDir`. */
export async function countErrors(folder: string, dataDir: string): Promise<Counted> {
  return withSavedRecords(dataDir, async (records) => {
    const kernel = await createKernel({ ...offlineModel(), storage: embeddedStorage({ root: folder }), records })
    return count(kernel)
  })
}

async function count(kernel: Kernel): Promise<Counted> {
  try {
    const result = await kernel.run(counter, TASK, { name: 'counter' })
    const { memory } = kernel.sys({ name: 'reader', namespace: 'counter' })
    return { result, lessons: await memory.retrieve({ query: TASK, tags: ['reflection'] }) }
  } finally {
    await kernel.close()
  }
}
