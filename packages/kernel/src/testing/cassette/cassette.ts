import { AiosError } from '../../error/aios-error.js'
import type { CheckedJournal } from '../../journal/check-journal.js'
import type { CallEntry, EndEntry, JournalEntry, PartsEntry } from '../../journal/journal-entry.js'
import { RecordedRun } from '../../journal/recorded-run.js'
import { RunNumbers } from '../../journal/run-numbers.js'
import { JOURNAL_SCHEMA } from '../../journal/run-header.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { capture, digestOf, NOTHING, restored, type Captured } from '../../journal/value-codec.js'
import { decodeValue, encodeValue } from './cassette-value.js'
import { cleanedStream } from './cleaned-stream.js'
import type { Scrubber } from './scrubber.js'

/** Marks the files, and the version of what is in them. */
export const CASSETTE = { format: 'aios-cassette', version: 1 } as const

/** Is one run as its file holds it: JSON, in this order of keys. Values are written by `encodeValue`. */
export interface Cassette {
  readonly format: string
  readonly version: number
  /** Name of the agent. */
  readonly name: string
  readonly input: unknown
  /** What the agent was spawned with besides its name. */
  readonly options: unknown
  readonly lines: readonly CassetteLine[]
  readonly end: { readonly outcome: EndEntry['outcome']; readonly value?: unknown; readonly error?: unknown }
}

/** Is a call that settled, what was delivered of a streamed answer, or the end of a child by a hand or a deadline. */
export interface CassetteLine {
  /** Path of the call or process. */
  readonly call?: string
  readonly parts?: string
  readonly kill?: string
  /** Lines of the same tick settled at once. */
  readonly tick: number
  readonly row?: string
  readonly request?: unknown
  readonly outcome?: CallEntry['outcome']
  readonly result?: unknown
  readonly error?: unknown
  readonly usage?: unknown
  readonly costUsd?: number
  /** What hooks changed of the request of a spawn or a message; null: a hook, or an earlier call, answered it. */
  readonly made?: unknown
  readonly stream?: readonly unknown[]
}

/**
 * Makes a cassette of a journal.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` if a value that a replay needs was redacted or cannot be written
 */
export function cassetteOf({ header, lines, start, end }: CheckedJournal, scrubber: Scrubber): Cassette {
  if (end === undefined) throw new AiosError('AIOS_BUG', `Run ${header.runId} has not ended.`)
  const writer = new CassetteWriter(new RunNumbers(header.pid, lines), { lines, scrubber })
  const { steps } = new RecordedRun(lines)
  const settled = new Map(steps.flatMap((step, tick) => step.map((line) => [line.n, tick + 1] as const)))
  const paths = new Set(steps.flat().flatMap((line) => (line.kind === 'call' ? [line.path] : [])))
  const kept = lines.flatMap((line): readonly CassetteLine[] => {
    const tick = settled.get(line.n)
    if (line.kind === 'parts' && paths.has(line.path))
      return [{ parts: line.path, tick: 0, stream: writer.stream(line) }]
    if (tick === undefined) return []
    if (line.kind === 'call') return [writer.call(line, tick)]
    return line.kind === 'kill' ? [{ kill: line.path, tick, error: writer.kept(line.error, 'the end of a child') }] : []
  })
  return {
    ...CASSETTE,
    name: scrubber.text(header.name),
    input: writer.kept(start.input, 'its input'),
    options: writer.kept(start.options, 'its options'),
    lines: kept,
    end: {
      outcome: end.outcome,
      [end.outcome === 'fulfilled' ? 'value' : 'error']: writer.kept(end.result, 'what the agent came to'),
    },
  }
}

class CassetteWriter {
  readonly #numbers: RunNumbers
  readonly #scrubber: Scrubber
  /** Parts that were delivered of each streamed answer, cleaned, which the lines of it take one after the other. */
  readonly #streams = new Map<string, unknown[]>()

  constructor(
    numbers: RunNumbers,
    { lines, scrubber }: { readonly lines: readonly JournalEntry[]; readonly scrubber: Scrubber },
  ) {
    this.#numbers = numbers
    this.#scrubber = scrubber
    const told = lines.filter((line) => line.kind === 'parts')
    for (const path of new Set(told.map((line) => line.path))) {
      const parts = told.flatMap((line) => (line.path === path ? line.parts : []))
      this.#streams.set(path, [...cleanedStream(parts, scrubber)])
    }
  }

  stream({ path, parts }: PartsEntry): readonly unknown[] {
    const cleaned = this.#streams.get(path) ?? []
    return cleaned.splice(0, parts.length).map((part) => encodeValue(part))
  }

  call(line: CallEntry, tick: number): CassetteLine {
    const { path, row, request, outcome, result, usage, costUsd, made } = line
    const where = `${row} (call ${path})`
    if (request.codec === 'x' && request.why === 'redacted') throw unkept(`the request of ${where}`, 'was redacted')
    return {
      call: path,
      tick,
      row,
      ...(request.codec === 'x' ? {} : { request: this.value(this.#numbers.request(line)) }),
      outcome,
      ...(result.codec === 'e'
        ? { error: this.kept(result, where) }
        : { result: this.value(this.#numbers.result({ row, result: keptOf(result, where) })) }),
      ...(usage === undefined ? {} : { usage: this.value(usage) }),
      ...(costUsd === undefined ? {} : { costUsd }),
      ...(made === undefined
        ? {}
        : { made: made && this.value(this.#numbers.request({ row, request: keptOf(made, where) })) }),
    }
  }

  /** Writes a value that a replay cannot do without. */
  kept(captured: Captured, what: string): unknown {
    const value = keptOf(captured, what)
    return this.value(value.codec === 'e' ? JSON.parse(value.text) : restored(value))
  }

  value(value: unknown): unknown {
    return encodeValue(this.#scrubber.clean(value))
  }
}

function keptOf(captured: Captured, what: string): Exclude<Captured, { readonly codec: 'x' }> {
  if (captured.codec !== 'x') return captured
  throw unkept(what, captured.why === 'redacted' ? 'was redacted' : 'holds functions or handles')
}

function unkept(what: string, why: string): AiosError {
  return new AiosError(
    'AIOS_NOT_CLONEABLE',
    `Expected a run that a cassette can hold, got one in which ${what} ${why}.`,
  )
}

/** Makes a journal of a cassette again. Throws whatever a damaged one brings about. */
export function journalOf(cassette: Cassette): RunJournal {
  const { name, end } = cassette
  const line = { n: 0, tick: 0, path: '', at: 0 }
  const input = capture(decodeValue(cassette.input))
  const options = capture(decodeValue(cassette.options))
  const last = end.outcome === 'fulfilled' ? capture(decodeValue(end.value)) : errorOf(end.error)
  const lines: readonly JournalEntry[] = [
    { ...line, kind: 'start', input, options, fingerprint: '' },
    ...cassette.lines.map(entryOf),
    { ...line, kind: 'end', outcome: end.outcome, result: last },
  ]
  return {
    header: {
      schema: JOURNAL_SCHEMA,
      runId: name,
      name,
      state: end.outcome,
      owner: '',
      pid: 1,
      createdAt: 0,
      endedAt: 0,
      halted: undefined,
    },
    lines: lines.map((each, index) => ({ ...each, n: index + 1 })),
  }
}

function entryOf(line: CassetteLine): JournalEntry {
  const base = { n: 0, tick: line.tick, at: 0 }
  if (line.parts !== undefined)
    return { kind: 'parts', ...base, path: line.parts, parts: (line.stream as unknown[]).map(decodeValue) as never }
  if (line.kill !== undefined) return { kind: 'kill', ...base, path: line.kill, error: errorOf(line.error) }
  if (line.call === undefined || line.row === undefined || line.outcome === undefined)
    throw new TypeError(`a line is neither a call, parts nor a kill: ${Object.keys(line).join(', ')}`)
  const request: Captured =
    'request' in line ? capture(decodeValue(line.request)) : { codec: 'x', why: 'not-cloneable' }
  return {
    kind: 'call',
    ...base,
    path: line.call,
    row: line.row,
    digest: request.codec === 'x' ? digestOf(request) : '',
    request,
    endedAt: 0,
    outcome: line.outcome,
    result: 'error' in line ? errorOf(line.error) : 'result' in line ? capture(decodeValue(line.result)) : NOTHING,
    usage: decodeValue(line.usage) as CallEntry['usage'],
    costUsd: line.costUsd,
    ...(line.made !== undefined && { made: line.made === null ? null : capture(decodeValue(line.made)) }),
  }
}

function errorOf(stored: unknown): Captured {
  return { codec: 'e', text: JSON.stringify(decodeValue(stored)) }
}
