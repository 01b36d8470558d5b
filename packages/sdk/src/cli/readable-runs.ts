import { AiosError, listRuns } from '@aios/kernel'
import type { RecordStore, RunHeader } from '@aios/kernel'

/** Is what a directory holds of runs, though some may be damaged. */
export interface ReadableRuns {
  readonly headers: RunHeader[]
  /** What is wrong with the others. */
  readonly fault: AiosError | undefined
}

/** Collects the runs that can be read. Throws what another try may mend. */
export async function readableRuns(records: RecordStore): Promise<ReadableRuns> {
  const headers: RunHeader[] = []
  try {
    for await (const header of listRuns(records)) headers.push(header)
  } catch (error) {
    if (!AiosError.is(error) || error.retryable) throw error
    return { headers, fault: error }
  }
  return { headers, fault: undefined }
}
