import { access } from 'node:fs/promises'
import { AiosError } from '../../error/aios-error.js'
import { encodeError } from '../../journal/error-codec.js'
import type { CallEntry } from '../../journal/journal-entry.js'
import { matchKey, RecordedRun } from '../../journal/recorded-run.js'
import { capture, restored, type Captured } from '../../journal/value-codec.js'
import { changesText, valueChanges, type ValueChange } from '../../journal/value-diff.js'
import { checkOptions, option } from '../../option/check-options.js'
import { readCassette, writeCassette } from './cassette-file.js'
import { CASSETTE, type CassetteLine } from './cassette.js'
import { decodeValue, encodeValue } from './cassette-value.js'
import { cleanedStream } from './cleaned-stream.js'
import { isCI } from './is-ci.js'
import { Scrubber, type Scrub } from './scrubber.js'

/** Is what `callCassette` takes. Unknown keys are rejected. */
export interface CallCassetteOptions {
  /** The cassette. */
  readonly file: string
  /** Names in the file whose calls they are. */
  readonly name: string
  /**
   * `record`: always live. `replay`: never live. Default `auto`: live where there is no file yet, but where the environment
   * variable `CI` is set (and neither `0` nor `false`) never.
   */
  readonly mode?: 'auto' | 'record' | 'replay' | undefined
  /** Takes out of every text what must not be in the file, or differs each time. What has the form of an API key never is. */
  readonly scrub?: Scrub | undefined
}

/** Is what became of a call: how far its streamed answer came, and how it ended. */
export interface RecordedCall {
  /** Parts that were delivered; empty for a call that is not streamed. */
  readonly parts: readonly unknown[]
  readonly outcome: 'fulfilled' | 'rejected' | 'cancelled'
  /** What it resolved with. */
  readonly result: unknown
  /** What it rejected with. */
  readonly error: unknown
}

/** Takes down one call that is under way. One that never ends is kept as cancelled. */
export interface CallRecording {
  /** Adds a part of a streamed answer. */
  part(part: unknown): void
  fulfil(result?: unknown): void
  reject(error: unknown): void
}

/** Is a cassette of the calls of one device, to record or to replay. */
export interface CallCassette {
  readonly isReplay: boolean
  /** Number of recorded calls that were not asked for again; 0 while it records. */
  readonly remaining: number
  /** Begins to record a call. */
  record(row: string, request: unknown): CallRecording
  /**
   * Returns what became of the first recorded call with this request that was not returned yet.
   *
   * @throws AiosError `AIOS_REPLAY_DIVERGED` if there is none, with where the nearest one differs
   */
  replay(row: string, request: unknown): RecordedCall
  /**
   * Throws unless every recorded call was asked for.
   *
   * @throws AiosError `AIOS_REPLAY_DIVERGED`, naming the calls that were not
   */
  assertDone(): void
  /** Writes what was recorded: the whole file, or nothing. Does nothing in a replay. */
  save(): Promise<void>
}

const OPTIONS = option.object({
  file: option.name,
  name: option.name,
  mode: option.optional(option.oneOf('auto', 'record', 'replay')),
  scrub: option.optional(option.function),
})
const SHOWN_CALLS = 5

/** Keeps the file of `recordRun` for single calls: those of one device, whoever makes them. */
class Recorder implements CallCassette {
  readonly isReplay = false
  readonly remaining = 0
  readonly #options: CallCassetteOptions
  readonly #scrubber: Scrubber
  readonly #calls: TakenCall[] = []

  constructor(options: CallCassetteOptions) {
    this.#options = options
    this.#scrubber = new Scrubber(options.scrub)
  }

  record(row: string, request: unknown): CallRecording {
    const call = new TakenCall(row, this.#value(request), this.#scrubber)
    this.#calls.push(call)
    return call
  }

  replay(row: string): never {
    throw new AiosError('AIOS_BUG', `Call ${row} is to be replayed from a cassette that records.`)
  }

  assertDone(): void {
    // Nothing was expected, so nothing is missing.
  }

  async save(): Promise<void> {
    const { file, name } = this.#options
    const lines = this.#calls.flatMap((call, n) => call.lines(n + 1))
    const nothing = encodeValue(undefined)
    await writeCassette(file, {
      ...CASSETTE,
      name: this.#scrubber.text(name),
      input: nothing,
      options: {},
      lines,
      end: { outcome: 'fulfilled', value: nothing },
    })
  }

  #value(value: unknown): unknown {
    return encodeValue(this.#scrubber.clean(value))
  }
}

class TakenCall implements CallRecording {
  readonly #row: string
  readonly #request: unknown
  readonly #scrubber: Scrubber
  readonly #parts: unknown[] = []
  #end: Pick<CassetteLine, 'outcome' | 'result' | 'error'> = { outcome: 'cancelled' }

  constructor(row: string, request: unknown, scrubber: Scrubber) {
    this.#row = row
    this.#request = request
    this.#scrubber = scrubber
  }

  part(part: unknown): void {
    // As it is now: whoever made it may change it.
    this.#parts.push(decodeValue(encodeValue(part)))
  }

  fulfil(result?: unknown): void {
    this.#end = { outcome: 'fulfilled', ...(result === undefined ? {} : { result: this.#encode(result) }) }
  }

  reject(error: unknown): void {
    this.#end = { outcome: 'rejected', error: this.#encode(encodeError(error)) }
  }

  lines(n: number): readonly CassetteLine[] {
    const call = { call: String(n), tick: n, row: this.#row, request: this.#request, ...this.#end }
    return this.#parts.length === 0
      ? [call]
      : [
          {
            parts: String(n),
            tick: 0,
            stream: cleanedStream(this.#parts, this.#scrubber).map((part) => encodeValue(part)),
          },
          call,
        ]
  }

  #encode(value: unknown): unknown {
    const cleaned = this.#scrubber.clean(value)
    return encodeValue(cleaned)
  }
}

/** Answers calls out of the file. */
class Player implements CallCassette {
  readonly isReplay = true
  readonly #file: string
  readonly #scrubber: Scrubber
  readonly #recorded: RecordedRun

  constructor(file: string, recorded: RecordedRun, scrubber: Scrubber) {
    this.#file = file
    this.#recorded = recorded
    this.#scrubber = scrubber
  }

  get remaining(): number {
    return this.#left().length
  }

  record(row: string): never {
    throw new AiosError('AIOS_BUG', `Call ${row} is to be recorded in a cassette that is replayed.`)
  }

  replay(row: string, request: unknown): RecordedCall {
    const found = this.#recorded.take(matchKey('', row, this.#scrubber.digest(capture(request))))
    if (found?.kind !== 'call') throw this.#divergedError(row, request)
    const value = found.result.codec === 'x' ? undefined : restored(found.result)
    const parts = this.#recorded.lines.flatMap((line) =>
      line.kind === 'parts' && line.path === found.path ? line.parts : [],
    )
    const isFailed = found.outcome === 'rejected'
    return { parts, outcome: found.outcome, result: isFailed ? undefined : value, error: isFailed ? value : undefined }
  }

  assertDone(): void {
    const left = this.#left()
    if (left.length === 0) return
    const named = left.slice(0, SHOWN_CALLS).map(({ row, path }) => `${row} (call ${path})`)
    throw new AiosError(
      'AIOS_REPLAY_DIVERGED',
      `Expected every call that cassette ${this.#file} holds, ${left.length} did not come: ${named.join(', ')}. If that is meant, record it again.`,
      { details: { file: this.#file } },
    )
  }

  async save(): Promise<void> {
    // What is replayed stays as it is.
  }

  #left(): readonly CallEntry[] {
    return this.#recorded.remaining().filter((line) => line.kind === 'call')
  }

  #divergedError(row: string, request: unknown): AiosError {
    const came = this.#scrubber.clean(request)
    const given = this.#recorded.lines.filter(
      (line) => line.kind === 'call' && line.row === row && this.#changes(line, came).length === 0,
    ).length
    const nearest = given > 0 ? undefined : this.#nearest(row, came)
    const which = given > 0 ? `a request all of whose recorded answers (${given}) were given before` : 'another request'
    const miss =
      nearest === undefined
        ? `it holds no further ${row}`
        : `the nearest it holds is call ${nearest.path}: ${changesText(nearest.changes)}`
    return new AiosError(
      'AIOS_REPLAY_DIVERGED',
      `Expected calls that cassette ${this.#file} holds, got ${row} with ${which}; ${miss}. If that is meant, record it again.`,
      { details: { file: this.#file, changes: nearest?.changes ?? [] } },
    )
  }

  #changes({ request }: CallEntry, came: unknown): readonly ValueChange[] {
    return valueChanges(this.#cleaned(request), came)
  }

  #nearest(
    row: string,
    came: unknown,
  ): { readonly path: string; readonly changes: readonly ValueChange[] } | undefined {
    return this.#left()
      .filter((line) => line.row === row)
      .map((line) => ({ path: line.path, changes: this.#changes(line, came) }))
      .reduce<{ readonly path: string; readonly changes: readonly ValueChange[] } | undefined>(
        (best, each) => (best !== undefined && best.changes.length <= each.changes.length ? best : each),
        undefined,
      )
  }

  #cleaned(request: Captured): unknown {
    return request.codec === 'x' ? undefined : this.#scrubber.clean(restored(request))
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return false
    throw error
  }
}

/**
 * Opens a cassette of calls, in the format of `recordRun`: for wrappers that record a device and replay it, while everything else
 * runs. Calls are found by what they ask, those that ask the same in the order in which they were made.
 *
 * @throws AiosError `AIOS_NOT_FOUND` if it is to replay and there is no file; `AIOS_CORRUPT` for a damaged one;
 *   `AIOS_UNSUPPORTED` for another version of the format; `AIOS_INVALID_OPTION`
 * @example
 * ```ts
 * import { callCassette } from '@aios/kernel/testing'
 *
 * async function weatherOf(city: string, ask: (city: string) => Promise<string>): Promise<string> {
 *   const cassette = await callCassette({ file: 'tests/cassettes/weather.json', name: 'weather' })
 *   if (cassette.isReplay) return cassette.replay('weather.get', { city }).result as string
 *   const recording = cassette.record('weather.get', { city })
 *   const answer = await ask(city)
 *   recording.fulfil(answer)
 *   await cassette.save()
 *   return answer
 * }
 * ```
 */
export async function callCassette(options: CallCassetteOptions): Promise<CallCassette> {
  checkOptions('callCassette()', options, OPTIONS)
  const { file, mode = 'auto', scrub } = options
  const isReplay = mode === 'replay' || (mode === 'auto' && (isCI() || (await isThere(file))))
  if (!isReplay) return new Recorder(options)
  const { journal } = await readCassette(file, 'Record it once')
  const scrubber = new Scrubber(scrub)
  return new Player(file, new RecordedRun(journal.lines, scrubber), scrubber)
}
