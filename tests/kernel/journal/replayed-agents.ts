import { createKernel, ramRecords, readRun, type Agent, type KernelOptions, type RunJournal } from '@aios/kernel'
import { defineTool } from '@aios/tools'
import { z } from 'zod'

/** Makes a chat request of one message. */
export const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})

/** Fails after a while. */
export const bad = defineTool({
  name: 'bad',
  description: 'Fails.',
  input: z.object({}),
  execute: async (_, { sys }) => {
    await sys.clock.sleep({ ms: 5 })
    throw new Error('bad')
  },
})

/** Is a run as it was, for comparison with what its replay comes to. */
export interface Recording<O> {
  readonly journal: RunJournal
  readonly value: O | undefined
  readonly error: unknown
}

/** Runs an agent on a kernel with a journal in RAM, and reads what it recorded. */
export async function recorded<I, O>(agent: Agent<I, O>, input: I, options: KernelOptions = {}): Promise<Recording<O>> {
  const records = options.records ?? ramRecords()
  const kernel = await createKernel({ journal: true, ...options, records })
  let value: O | undefined
  let error: unknown
  try {
    value = await kernel.run(agent, input, { runId: 'r', name: 'tested' })
  } catch (caught) {
    error = caught
  }
  const journal = await readRun(records, 'r')
  await kernel.close()
  return { journal, value, error }
}

/** Returns the calls of a journal in the order in which they settled. */
export function callsOf({ lines }: RunJournal): readonly Extract<RunJournal['lines'][number], { kind: 'call' }>[] {
  return lines.filter((line) => line.kind === 'call')
}
