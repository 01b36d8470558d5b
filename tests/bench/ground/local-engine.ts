import type { ChatRequest, CoreReply, LlmDriver } from '@aios/kernel'
import type { BatchRow } from '@aios/kernel/driver'

/** Cost of a pass through the weights, however many sequences take it, and what each of them adds; microseconds. */
const PASS_US = 100
const SEQUENCE_US = 2

const REPLY: CoreReply = {
  parts: [{ type: 'text', text: 'Yes.' }],
  finish: { unified: 'stop' },
  usage: { input: { total: 8 }, output: { total: 2 } },
}

/** Is the request that all contenders answer. */
export const ASK: ChatRequest = { messages: [{ role: 'user', content: 'Is it done?' }] }

/** Computes nothing for as long as a pass for so many sequences takes. */
export function pass(sequences: number): CoreReply {
  const until = performance.now() + (PASS_US + SEQUENCE_US * sequences) / 1_000
  while (performance.now() < until) continue
  return REPLY
}

/** Makes a core that answers one call a pass, and one pass at a time. */
export function singleCore(): LlmDriver {
  return {
    kind: 'llm',
    id: 'single',
    model: 'no-op',
    limits: { concurrency: 1, depth: Number.MAX_SAFE_INTEGER },
    chat: async () => pass(1),
  }
}

/** Makes the same core with batches. */
export function batchedCore(maxSize: number): LlmDriver {
  const row: BatchRow<unknown, CoreReply> = {
    maxSize,
    maxWaitMs: 0,
    run: (items) => {
      const reply = pass(items.length)
      for (const item of items) item.resolve(reply)
    },
  }
  return { ...singleCore(), id: 'batched', batches: { 'llm.chat': row } }
}
