/** Lets a run go on in another kernel on the same store, as after a kill. */
import type { Agent, AgentProcess, KernelOptions, RecordStore, RunJournal } from '@aios/kernel'
import { createTestKernel, type TestKernel } from '@aios/kernel/testing'
import { onTestFinished } from 'vitest'
import { shut } from '../test-bed.js'

/** Is one life of the run `r`. */
export interface Life {
  readonly kernel: TestKernel
  readonly process: AgentProcess
  /** Ends this life, after everything it did is durable; returns what the store holds of the run. */
  die(): Promise<RunJournal>
}

/** Begins the run `r` of an agent named `tested`, or goes on with it. */
export async function liveOn(
  records: RecordStore,
  agent: Agent<unknown, unknown>,
  options: KernelOptions = {},
): Promise<Life> {
  // The store stays open between two lives.
  await records.open()
  const kernel = await createTestKernel({ records, journal: true, ...options } as Parameters<
    typeof createTestKernel
  >[0])
  onTestFinished(() => shut(kernel))
  const process = kernel.spawn(agent, 'input', { runId: 'r', name: 'tested' })
  process.result.catch(() => undefined)
  await kernel.clock.advance(50)
  return {
    kernel,
    process,
    die: async () => {
      await kernel.clock.advance(50)
      const journal = await kernel.readRun('r')
      await shut(kernel)
      return journal
    },
  }
}
