/** A user's program on a data directory: `<directory> end`, or `<directory> wait` to be killed in the middle of a run. */
import type { LlmDriver } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { createKernel } from '@aios/sdk'
import { fails, twice } from './agents.js'

const [dataDir = '', mode] = process.argv.slice(2)

/** Gives its first answer, and no other ever. */
function stuckCore(): LlmDriver {
  const core = scriptedCore(['Five.'])
  return {
    ...core,
    chat: (request, call) =>
      core.requests.length === 0 ? core.chat!(request, call) : new Promise<never>(() => undefined),
  }
}

const llm = mode === 'wait' ? stuckCore() : scriptedCore(['Four.', 'Yes.', 'One.'])
const kernel = await createKernel({ dataDir, llm, log: 'silent' })
if (mode === 'wait') {
  void kernel.run(twice, 'What is 2 + 3?', { runId: 'cut', name: 'twice' })
  // What is in the journal survives the kill; that a process still waits for an answer is nothing durable.
  for (let lines = 0; lines < 2;) {
    await new Promise((resolve) => setImmediate(resolve))
    lines = await kernel.readRun('cut').then(
      (run) => run.lines.length,
      () => 0,
    )
  }
  process.stdout.write('waiting\n')
  process.stdin.resume()
} else {
  console.log(await kernel.run(twice, 'What is 2 + 2?', { runId: 'sum-1', name: 'twice' }))
  await kernel.run(fails, 'What is 1?', { runId: 'bad', name: 'fails' }).catch(() => undefined)
  await kernel.close()
}
