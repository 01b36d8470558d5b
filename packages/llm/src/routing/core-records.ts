import type { CoreOutcome } from '@aios/kernel'

/** Share that a new observation has in a mean, once there are as many. */
const SMOOTHING = 0.1
/** Cores that are remembered; beyond it the one that was heard of least lately goes. */
const MOST_CORES = 1_000
/** Milliseconds for which a core that failed is expected to fail again. */
const FAILED_MS = 30_000

/** Is what was seen of one core: means that follow what it does lately. */
export interface CoreRecord {
  /** Answers that were seen. */
  readonly answers: number
  /** Milliseconds up to the first part; undefined before one was streamed. */
  readonly firstPartMs: number | undefined
  /** Milliseconds of a token of the answer, after the first part where that is known. */
  readonly tokenMs: number | undefined
  /** Milliseconds of an answer. */
  readonly durationMs: number | undefined
  readonly outputTokens: number | undefined
  /** When it last answered. */
  readonly answeredAt: number
  /** Until when it is expected to fail again. */
  readonly failsUntil: number
}

type Mutable = { -readonly [Key in keyof CoreRecord]: CoreRecord[Key] }

/** Remembers how quick and how talkative each core was. */
export class CoreRecords {
  readonly #records = new Map<string, Mutable>()

  /** Returns what was seen of a core. */
  of(id: string): CoreRecord | undefined {
    return this.#records.get(id)
  }

  /** Learns from an attempt that ended. */
  learn({ core, firstPartMs, durationMs, usage, errorCode, at }: CoreOutcome): void {
    const record = this.#taken(core.id)
    if (errorCode !== undefined) {
      record.failsUntil = at + FAILED_MS
      return
    }
    const output = usage?.output.total
    record.answers += 1
    record.failsUntil = Number.NEGATIVE_INFINITY
    record.answeredAt = at
    record.durationMs = mean(record.durationMs, durationMs, record.answers)
    if (firstPartMs !== undefined) record.firstPartMs = mean(record.firstPartMs, firstPartMs, record.answers)
    if (output === undefined || output === 0) return
    record.outputTokens = mean(record.outputTokens, output, record.answers)
    record.tokenMs = mean(record.tokenMs, (durationMs - (firstPartMs ?? 0)) / output, record.answers)
  }

  #taken(id: string): Mutable {
    const record = this.#records.get(id) ?? {
      answers: 0,
      firstPartMs: undefined,
      tokenMs: undefined,
      durationMs: undefined,
      outputTokens: undefined,
      answeredAt: Number.NEGATIVE_INFINITY,
      failsUntil: Number.NEGATIVE_INFINITY,
    }
    this.#records.delete(id)
    this.#records.set(id, record)
    const [oldest] = this.#records.keys()
    if (this.#records.size > MOST_CORES && oldest !== undefined) this.#records.delete(oldest)
    return record
  }
}

function mean(before: number | undefined, value: number, count: number): number {
  return before === undefined ? value : before + (value - before) * Math.max(SMOOTHING, 1 / count)
}
