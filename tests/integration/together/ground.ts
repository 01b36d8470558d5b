/** Cores that the tests of features together share. */
import type { LlmDriver, StreamPart } from '@aios/kernel'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'

/** Makes an engine with one slot and answers of 40 tokens, 10 ms each. */
export const engine = (resume: 'state' | 'prefix', limits: LlmDriver['limits'] = {}): TokenEngine =>
  tokenEngine({ resume, tokens: 40, tokenMs: 10, limits: { concurrency: 1, ...limits } })

/** Is an engine with methods of its own, as far as given. */
export function changed(core: TokenEngine, methods: Partial<LlmDriver>): LlmDriver {
  const { id, model, kind, resume, limits } = core
  return {
    ...{ kind, id, model, resume, limits },
    open: (services) => core.open?.(services),
    stream: (request, call) => core.stream?.(request, call) as AsyncIterable<StreamPart>,
    save: (call) => core.save?.(call),
    restore: (state, request, call) => core.restore?.(state, request, call) as AsyncIterable<StreamPart>,
    ...methods,
  }
}
