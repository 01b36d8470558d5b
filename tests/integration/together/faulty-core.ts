import { AiosError, type DriverCall, type LlmDriver, type StreamPart } from '@aios/kernel'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'
import { changed } from './ground.js'

/** Is a core with faults, and what it noticed. */
export interface FaultyCore {
  readonly driver: LlmDriver
  readonly engine: TokenEngine
  /** Attempts that the core has now, and the most that it ever had. */
  readonly load: { now: number; most: number }
  /** When attempts and what continues them came, and of whom. */
  readonly starts: { readonly at: number; readonly agent: string; readonly isNew: boolean }[]
  /** Who is on it now. */
  readonly agents: string[]
}

/** How a core is made: its faults are used up one an attempt. */
export interface FaultyCoreOptions {
  readonly id: 'state' | 'prefix'
  readonly limits: LlmDriver['limits']
  readonly faults: string[]
  readonly now: () => number
  /** Is told of everybody who is on it, whenever somebody comes. */
  readonly onLoad: (agents: readonly string[]) => void
}

const DOWN = new AiosError('AIOS_LLM_SERVER', 'It is down.', { retryable: true })

async function* faulty(
  parts: AsyncIterable<StreamPart>,
  fault: string | undefined,
  call: DriverCall,
): AsyncGenerator<StreamPart> {
  if (fault === 'server') throw DOWN
  if (fault === 'limit') {
    call.observe({ kind: 'overload', retryAfterMs: 400 })
    throw new AiosError('AIOS_LLM_RATE_LIMIT', 'Too many.', { retryable: true, retryAfterMs: 400 })
  }
  if (fault === 'told')
    call.observe({ kind: 'headers', remainingRequests: 3, remainingTokens: 3_000, resetRequestsMs: 900 })
  let count = 0
  for await (const part of parts) {
    if (fault === 'middle' && part.type === 'text-delta' && (count += 1) > 6) throw DOWN
    yield part
  }
}

/** Makes a core that fails as it is told. */
export function faultyCore({ id, limits, faults, now, onLoad }: FaultyCoreOptions): FaultyCore {
  const engine = tokenEngine({ id, resume: id, tokens: 40, tokenMs: 10, limits })
  const load = { now: 0, most: 0 }
  const starts: FaultyCore['starts'] = []
  const agents: string[] = []
  async function* served(
    parts: () => AsyncIterable<StreamPart>,
    call: DriverCall,
    isNew: boolean,
  ): AsyncGenerator<StreamPart> {
    load.now += 1
    load.most = Math.max(load.most, load.now)
    starts.push({ at: now(), agent: call.agent, isNew })
    agents.push(call.agent)
    onLoad(agents)
    try {
      yield* faulty(parts(), faults.shift(), call)
    } finally {
      load.now -= 1
      agents.splice(agents.indexOf(call.agent), 1)
    }
  }
  const driver = changed(engine, {
    stream: (request, call) =>
      served(
        () => engine.stream?.(request, call) as AsyncIterable<StreamPart>,
        call,
        request.messages.at(-1)?.role !== 'assistant',
      ),
    restore: (state, request, call) =>
      served(() => engine.restore?.(state, request, call) as AsyncIterable<StreamPart>, call, false),
    save: (call) => {
      if (faults[0] === 'bad-save') {
        faults.shift()
        throw new Error('disk full')
      }
      if (faults[0] === 'stuck-save') {
        faults.shift()
        return new Promise(() => undefined)
      }
      return engine.save?.(call)
    },
  })
  return { driver, engine, load, starts, agents }
}
