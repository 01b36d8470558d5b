import type { Kernel, RecordStore } from '@aios/kernel'
import { createKernel } from '../preset/create-kernel.js'
import type { AgentsModule } from './agents-module.js'
import type { JournalPorts } from './journal-ports.js'

/** Is a kernel on a data directory, and the store that it opened. */
export interface LiveKernel {
  readonly kernel: Kernel
  readonly records: RecordStore
}

/** Boots a kernel on a data directory, with the devices that the module of the agents wants. */
export async function liveKernel(
  directory: string,
  { kernel: options }: AgentsModule,
  ports: JournalPorts,
): Promise<LiveKernel> {
  const records = await ports.records(directory, {})
  return { kernel: await createKernel({ journal: true, ...options, dataDir: undefined, records }), records }
}
