import { AiosError } from '../../error/aios-error.js'
import { checkJournal } from '../../journal/check-journal.js'
import type { Kernel } from '../../kernel-api.js'
import { checkOptions, option } from '../../option/check-options.js'
import type { SpawnOptions } from '../../process/agent.js'
import { cassetteOf } from './cassette.js'
import { writeCassette } from './cassette-file.js'
import { isCI } from './is-ci.js'
import { CASSETTE_OPTIONS, replayRun, type ReplayRunOptions } from './replay-cassette.js'
import { Scrubber } from './scrubber.js'

/** Is what `recordRun` takes. Unknown keys are rejected. */
export interface RecordRunOptions<I, O> extends ReplayRunOptions<I, O> {
  /** Where the agent runs live; it needs a journal. */
  readonly kernel: Kernel
  readonly input: I
  /** Name of the agent. Default `agent`. */
  readonly name?: string | undefined
  /** What else the agent is spawned with: grants, a budget. */
  readonly spawn?: Omit<SpawnOptions, 'name' | 'runId' | 'replay' | 'signal'> | undefined
  /**
   * `record`: always live. `replay`: never live. Default `auto`: live, but where the environment variable `CI` is set (and neither
   * `0` nor `false`) never.
   */
  readonly mode?: 'auto' | 'record' | 'replay' | undefined
}

const OPTIONS = option.object({
  ...CASSETTE_OPTIONS,
  kernel: option.record,
  name: option.optional(option.name),
  spawn: option.optional(option.record),
  mode: option.optional(option.oneOf('auto', 'record', 'replay')),
})

/**
 * Runs an agent live and writes everything it asked and was answered to a cassette: one readable file, the same after each
 * recording in which nothing else came out. Where `CI` is set it runs the agent against the file instead, as `replayRun` does.
 * What has the form of an API key is not written, nor what `scrub` takes out of a text.
 *
 * @returns what the agent came to; an agent that throws is recorded too, and its error is thrown
 * @throws AiosError `AIOS_INVALID_OPTION` for a kernel without a journal; `AIOS_NOT_CLONEABLE` if a value of the run was
 *   redacted or cannot be written, or something that `scrub` put in has the form of an API key; in CI also what `replayRun` throws, `AIOS_NOT_FOUND` if there is no file
 * @example
 * ```ts
 * import { createKernel, type Agent } from '@aios/kernel'
 * import { recordRun } from '@aios/kernel/testing'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * async function answer(agent: Agent<string, string>): Promise<string> {
 *   const kernel = await createKernel({ llm: scriptedCore(['Four.']), journal: true })
 *   try {
 *     return await recordRun({ file: 'tests/cassettes/sum.json', kernel, agent, input: 'What is 2 + 2?' })
 *   } finally {
 *     await kernel.close()
 *   }
 * }
 * ```
 */
export async function recordRun<I, O>(options: RecordRunOptions<I, O>): Promise<O> {
  checkOptions('recordRun()', options, OPTIONS)
  const { kernel, name, spawn, mode = 'auto', ...rest } = options
  if (mode === 'replay' || (mode === 'auto' && isCI())) return replayRun(rest)
  const { agent, input, file, scrub } = rest
  await expectJournal(kernel)
  const root = kernel.spawn(agent, input, { ...spawn, name: name ?? 'agent' })
  const { result } = root
  await result.catch(() => undefined)
  const journal = checkJournal(await kernel.readRun(root.runId), 'recordRun()')
  // Without an end the kernel was closed in the midst of it: that is what the result rejects with.
  if (journal.end !== undefined) await writeCassette(file, cassetteOf(journal, new Scrubber(scrub)))
  return result
}

/** Refuses a kernel without a journal before a model is asked and paid for. */
async function expectJournal(kernel: Kernel): Promise<void> {
  try {
    await kernel.readRun('(none)')
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_NOT_FOUND')) throw error
  }
}
