/** A memory that keeps the batches of `memory.add` until a test settles their calls by content; other calls are held one by one. */
import type { BatchItem, BatchRow, MemoryAddRequest, MemoryDriver, MemoryNote, Scoped } from '@aios/kernel/driver'
import { heldMemory, noteOf, type Held, type HeldOptions } from '../../fake-drivers.js'

type AddItem = BatchItem<Scoped<MemoryAddRequest>, MemoryNote>

export interface BatchingMemory extends MemoryDriver {
  readonly held: Held
  /** Contents of the calls of each `run`, in order. */
  readonly runs: readonly (readonly string[])[]
  item(content: string): AddItem
  /** Resolves each of these calls, or all that were ever handed over. */
  finish(...contents: readonly string[]): void
}

export interface BatchingOptions extends HeldOptions, Partial<BatchRow<Scoped<MemoryAddRequest>, MemoryNote>> {}

/** Without a `run` of its own, every batch stays until all its calls are settled. */
export function batchingMemory({ maxSize, maxWaitMs, key, run, ...held }: BatchingOptions = {}): BatchingMemory {
  const memory = heldMemory(held)
  const runs: string[][] = []
  const items = new Map<string, AddItem>()
  const never = (): Promise<void> => new Promise(() => undefined)
  const row: BatchRow<Scoped<MemoryAddRequest>, MemoryNote> = {
    maxSize,
    maxWaitMs,
    ...(key && { key }),
    run: (batch) => {
      runs.push(batch.map(({ request }) => request.content))
      for (const item of batch) items.set(item.request.content, item)
      return run === undefined ? never() : run(batch)
    },
  }
  const item = (content: string): AddItem => {
    const found = items.get(content)
    if (found === undefined) throw new Error(`No batch had "${content}".`)
    return found
  }
  return {
    ...memory,
    batches: { 'memory.add': row },
    runs,
    item,
    finish: (...contents) => {
      for (const content of contents.length > 0 ? contents : items.keys()) item(content).resolve(noteOf(content))
    },
  }
}
