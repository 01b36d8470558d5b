import type { CoreReply, LlmDriver, MemoryDriver, MemoryNote, ToolDriver } from '@aios/kernel'

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

const ASKING: CoreReply = {
  parts: [{ type: 'tool-call', id: 'call_1', name: 'local/add', input: { a: 17, b: 4 }, inputText: '{"a":17,"b":4}' }],
  finish: { unified: 'tool-calls' },
  usage: { input: { total: 8 }, output: { total: 2 } },
}

/** Makes a core that always asks for the one tool of {@link adderTool}. */
export function toolAsking(): LlmDriver {
  return { kind: 'llm', id: 'no-op', model: 'no-op', limits: { concurrency: 16 }, chat: async () => ASKING }
}

/** Makes a source of one tool, which adds two numbers. */
export function adderTool(): ToolDriver {
  const info = {
    name: 'local/add',
    source: 'local',
    description: 'Adds two numbers.',
    inputSchema: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
      required: ['a', 'b'],
    },
  }
  return {
    kind: 'tool',
    id: 'adder',
    list: () => [info],
    resolve: () => info,
    prepare: (_name, input) => {
      const { a, b } = input as { readonly a: unknown; readonly b: unknown }
      if (typeof a !== 'number' || typeof b !== 'number') throw new Error('Expected two numbers.')
      return { conflictKeys: [], run: async () => a + b }
    },
  }
}
