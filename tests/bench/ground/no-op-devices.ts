import type { CoreReply, LlmDriver, MemoryDriver, MemoryNote } from '@aios/kernel'

/** Is the note that every no-op memory answers with. */
export const NOTE: MemoryNote = Object.freeze({
  id: 'n1',
  namespace: 'bench',
  content: 'Benchmarks measure the kernel, so the device does nothing.',
  keywords: [],
  tags: [],
  category: undefined,
  metadata: {},
  createdAt: 0,
  updatedAt: 0,
})

const REPLY: CoreReply = {
  parts: [{ type: 'text', text: 'Yes.' }],
  finish: { unified: 'stop' },
  usage: { input: { total: 8 }, output: { total: 2 } },
}

/** Makes a memory whose `get` is the given function, and that does nothing else. */
export function memoryOf(get: MemoryDriver['get'], concurrency: number): MemoryDriver {
  const unused = (): never => {
    throw new Error('Expected the benchmark to use memory.get only.')
  }
  return {
    kind: 'memory',
    id: 'no-op',
    limits: { concurrency, depth: Number.MAX_SAFE_INTEGER },
    get,
    add: unused,
    update: unused,
    remove: unused,
    retrieve: unused,
  }
}

/** Makes a memory that answers with a value. */
export function valueMemory(concurrency: number): MemoryDriver {
  return memoryOf(() => NOTE, concurrency)
}

/** Makes a memory that answers with a promise which is kept at once. */
export function promiseMemory(concurrency: number): MemoryDriver {
  return memoryOf(async () => NOTE, concurrency)
}

/** Makes a core that answers with a promise which is kept at once. */
export function promiseCore(concurrency: number): LlmDriver {
  return {
    kind: 'llm',
    id: 'no-op',
    model: 'no-op',
    limits: { concurrency, depth: Number.MAX_SAFE_INTEGER },
    chat: async () => REPLY,
  }
}
