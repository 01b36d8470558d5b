import type { StreamPart } from '../driver/chat.js'
import type { Snapshot } from '../preemption/process-context.js'
import type { Process } from '../process/process.js'
import type { RecordWrite } from '../record/record-store.js'
import type { ProcessEnd } from '../process/process-end.js'
import type { Syscall } from '../syscall/syscall.js'
import type { Outcome } from '../event/metrics.js'
import { executionOf } from './execution.js'
import type { Journal } from './journal.js'
import type { JournalLog } from './journal-log.js'
import type { Draft, EndEntry, JournalEntry, PendingEntry, StartEntry } from './journal-entry.js'
import { checkedRedaction, type JournalledCall, type JournalOptions, type Redaction } from './journal-options.js'
import type { CallRecord } from './journal-scope.js'
import { JournalScope } from './journal-scope.js'
import { madeOf } from './made-call.js'
import type { Replay } from './replay.js'
import { partOrphans, type Birth } from './orphans.js'
import { durableId, encodeHeader, JOURNAL_SCHEMA, placeOf, type Departure, type RunHeader } from './run-header.js'
import { JOURNAL_SPACES, endedKey, textKey } from './journal-keys.js'
import { capture, captureError, digestOf, REDACTED, type Captured } from './value-codec.js'

/** Bytes that a line takes beside its values, roughly. */
const LINE_BYTES = 200
/** Lines that are kept of a process which runs no agent. */
const MOST_TRACED = 10_000

const NOTHING_HIDDEN: Redaction = Object.freeze({})

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Is what a run is made from. */
export interface RunSeed {
  readonly id: string
  readonly name: string
  readonly pid: number
  readonly createdAt: number
  /** A run of a process that runs no agent: its calls are kept, but there is nothing to resume. */
  readonly traced: boolean
  /** Whether somebody named it, and so may ask for its answer again. */
  readonly named: boolean
  /** For that of a detached process which left another run: see {@link RunHeader}. */
  readonly from?: Departure | undefined
  readonly callId?: string | undefined
  /** How the journal knows its root process already. */
  readonly root?: JournalScope | undefined
}

/** Is one run while this kernel has it: writes its lines, and knows how far it is. */
export class Run {
  readonly id: string
  readonly seed: RunSeed
  readonly blobs = new Set<string>()
  readonly root: JournalScope
  /** Answers calls from lines of an earlier life, until all of them are used up. */
  replay: Replay | undefined = undefined
  /** Its detached processes that live, with what they were started with where no call tells. */
  detached: Map<Process, Birth | undefined> | undefined = undefined
  /** Why a line of it could not be stored. */
  lost: Error | undefined = undefined
  /** No line is written any more: it has ended, or stopped. */
  sealed = false
  readonly #journal: Journal
  #lines = 0
  #tick = 0
  #inTick = false
  /** Calls that delivered parts of an answer which no line holds yet. */
  #streams: Set<CallRecord> | undefined = undefined

  constructor(journal: Journal, seed: RunSeed) {
    this.#journal = journal
    this.id = seed.id
    this.seed = seed
    this.root = seed.root ?? new JournalScope(this, '')
  }

  /** Where its lines go. */
  get log(): JournalLog {
    return this.#journal.log
  }

  /** How far it is. */
  get tick(): number {
    return this.#tick
  }

  /** Names a call of it, the same in every life. */
  idOf(path: string): string {
    return durableId({ runId: this.id, callId: this.seed.callId }, path)
  }

  /** Begins where an earlier life of the run stopped. */
  continueAfter(last: { readonly n: number; readonly tick: number }): void {
    this.#lines = last.n
    this.#tick = last.tick
  }

  /** Writes what has to be known to begin it again: its first line. */
  start(line: StartEntry): void {
    this.writeHeader({ state: this.seed.traced ? 'traced' : 'running' })
    if (!this.seed.traced)
      this.#write({ op: 'put', space: JOURNAL_SPACES.open, key: textKey(this.id), value: new Uint8Array() })
    this.#append(line, sizeOf(line.input))
  }

  /** Begins with the lines of another run. */
  copy(lines: readonly JournalEntry[], input: Captured): void {
    for (const line of lines) {
      if (line.kind === 'start') this.start({ ...line, input })
      else {
        if (line.kind === 'call' && line.executed !== undefined)
          this.#write(executionOf(this.idOf(line.path), { by: line.executed }))
        this.#journal.log.append(this, line, LINE_BYTES)
      }
      this.continueAfter(line)
    }
  }

  /** Writes how a call settled. */
  settled(call: Syscall, outcome: Outcome, value: unknown): void {
    const record = call.record as CallRecord
    if (this.sealed) return
    if (call.extras?.stream !== undefined) this.#drain(record)
    const hidden = this.#hidden(call)
    const request = hidden.request === true ? REDACTED : record.request
    const result = hidden.result === true ? REDACTED : outcome === 'fulfilled' ? capture(value) : captureError(value)
    const { usage, costUsd } = call.extras ?? {}
    this.#openAbove(call)
    this.#nextTick()
    const line: Draft = {
      kind: 'call',
      path: record.path,
      at: call.createdAt,
      row: call.row.name,
      digest: request === record.request ? undefined : digestOf(record.request),
      request,
      endedAt: this.#journal.now(),
      outcome,
      result,
      usage,
      costUsd,
      made: outcome === 'fulfilled' ? madeOf(call, request) : undefined,
    }
    const bytes = sizeOf(request) + sizeOf(result)
    const { execution } = record
    // Before the line: there is none of which nobody can tell who executed it.
    if (execution !== undefined) this.#write(executionOf(this.idOf(record.path), execution))
    if (this.detached === undefined || call.row.name === 'agent.spawn') {
      this.#append(line, bytes)
      return
    }
    // What it spawned is not spawned again once it is answered from this line.
    this.log.together(() => {
      this.#append(line, bytes)
      partOrphans(this.#journal, this, record.path)
    })
  }

  /** Writes that a call was made which has not settled. */
  open(call: Syscall, { intent = false, dueAt }: { readonly intent?: boolean; readonly dueAt?: number }): void {
    const record = call.record as CallRecord
    if (this.sealed || (record.isOpen && !intent)) return
    record.isOpen = true
    record.intended ||= intent
    this.#openAbove(call)
    const request = this.#hidden(call).request === true ? REDACTED : record.request
    const line: Draft = {
      kind: 'open',
      path: record.path,
      at: call.createdAt,
      row: call.row.name,
      digest: request === record.request ? undefined : digestOf(record.request),
      request,
      intent,
      dueAt,
    }
    this.#append(line, sizeOf(record.request))
  }

  /** Takes a part of an answer that was delivered; it is written before whatever it may lead to. */
  part(call: Syscall, part: StreamPart): void {
    const record = call.record as CallRecord
    // What an earlier life had of it is written already.
    if (this.sealed || record.entry !== undefined) return
    this.open(call, {})
    // An agent may act upon which of several answers came first.
    for (const other of this.#streams ?? []) if (other !== record) this.#drain(other)
    if (this.hidesResult(call)) return
    this.#collect(record, part)
    ;(this.#streams ??= new Set()).add(record)
  }

  /** Takes a part of an answer that is delivered as a whole; it is only written if the answer is cut. */
  collect(call: Syscall, part: StreamPart): void {
    if (!this.sealed && !this.hidesResult(call)) this.#collect(call.record as CallRecord, part)
  }

  /** Writes what the cut answer of a call goes on from. */
  cut(call: Syscall, snapshot: Snapshot, ahead: readonly StreamPart[]): void {
    const record = call.record as CallRecord
    if (this.sealed) return
    this.open(call, {})
    if (this.hidesResult(call)) return
    this.#drain(record)
    const captured = capture(snapshot)
    this.#append(
      { kind: 'context', path: record.path, at: this.#journal.now(), snapshot: captured, ahead },
      sizeOf(captured),
    )
  }

  /** Writes a message that came to a process of the run from outside of it. */
  mail(path: string, from: number, message: unknown): void {
    if (this.sealed) return
    const captured = capture(message)
    this.#append({ kind: 'mail', path, at: this.#journal.now(), from, message: captured }, sizeOf(captured))
  }

  /** Writes that a process which is not the root was ended from outside of it. */
  killed(path: string, error: unknown): void {
    if (this.sealed || this.replay !== undefined) return
    this.#nextTick()
    this.#append({ kind: 'kill', path, at: this.#journal.now(), error: captureError(error) }, 0)
  }

  /** Writes that a process was suspended or resumed. */
  moved(path: string, kind: 'suspend' | 'resume'): void {
    if (!this.sealed) this.#append({ kind, path, at: this.#journal.now() }, 0)
  }

  /** Writes the end of the run; resolves once it is durable. */
  end(end: ProcessEnd): Promise<void> | undefined {
    if (this.sealed) return undefined
    const at = this.#journal.now()
    const outcome: EndEntry['outcome'] = end.how
    const result = end.how === 'fulfilled' ? capture(end.value) : captureError(end.error)
    const { log } = this.#journal
    log.together(() => {
      if (this.detached !== undefined) partOrphans(this.#journal, this, '')
      this.#append({ kind: 'end', path: '', at, outcome, result }, sizeOf(result))
      this.writeHeader({ state: this.seed.traced ? 'traced' : outcome, endedAt: at })
      this.#write({ op: 'remove', space: JOURNAL_SPACES.open, key: textKey(this.id) })
      this.#write({ op: 'put', space: JOURNAL_SPACES.ended, key: endedKey(at, this.id), value: new Uint8Array() })
    })
    // Devices know the calls of a process by the ids that they have in the run it was spawned in.
    if (!this.seed.traced) this.#journal.leaving.ended(placeOf(this.idOf('')).runId)
    this.sealed = true
    this.#journal.left(this)
    return this.seed.named ? this.#kept() : undefined
  }

  async #kept(): Promise<void> {
    await this.log.durable()
    if (this.lost !== undefined) throw this.lost
  }

  /** Stops the run without an end, so that it can be taken up again. */
  halt(error: { readonly code?: string }): void {
    if (this.sealed) return
    this.writeHeader({ state: 'running', halted: error.code ?? 'error' })
    this.sealed = true
    this.#journal.left(this)
  }

  writeHeader(now: Pick<RunHeader, 'state'> & Partial<RunHeader>): void {
    const { id, name, pid, createdAt, from, callId } = this.seed
    const header: RunHeader = {
      schema: JOURNAL_SCHEMA,
      runId: id,
      name,
      owner: this.#journal.kernelId,
      pid,
      createdAt,
      endedAt: undefined,
      halted: undefined,
      ...(from !== undefined && { from, callId }),
      ...now,
    }
    this.#write({ op: 'put', space: JOURNAL_SPACES.runs, key: textKey(id), value: encodeHeader(header) })
  }

  #write(write: RecordWrite): void {
    this.#journal.log.write(write, this)
  }

  /** Begins a tick, unless one runs: what settles before an agent goes on belongs together. */
  #nextTick(): void {
    if (this.#inTick) return
    this.#inTick = true
    this.#tick += 1
    queueMicrotask(this.#endTick)
  }

  readonly #endTick = (): void => {
    this.#inTick = false
  }

  #append(draft: Draft, bytes: number): void {
    if (this.#streams !== undefined && draft.kind !== 'parts') for (const record of this.#streams) this.#drain(record)
    this.#lines += 1
    // The draft becomes the line: a copy of it would cost as much as the rest.
    const line = draft as Writable<PendingEntry>
    line.n = this.#lines
    line.tick = this.#tick
    this.#journal.log.append(this, line, bytes + LINE_BYTES)
    if (this.seed.traced && this.#lines > MOST_TRACED) this.#journal.forgetLine(this.id, this.#lines - MOST_TRACED)
  }

  /** A line of a call means nothing without those of the calls that it was made under. */
  #openAbove({ parent }: Syscall): void {
    if (parent?.record !== undefined && !parent.record.isOpen) this.open(parent, {})
  }

  #collect(record: CallRecord, part: StreamPart): void {
    if (record.parts === undefined) record.partsAt = this.#journal.now()
    ;(record.parts ??= []).push(part)
  }

  #drain(record: CallRecord): void {
    const { parts } = record
    record.parts = undefined
    this.#streams?.delete(record)
    if (this.#streams?.size === 0) this.#streams = undefined
    if (parts !== undefined && parts.length > 0)
      this.#append({ kind: 'parts', path: record.path, at: record.partsAt, parts }, parts.length * 64)
  }

  /** Whether somebody asked that what a call comes to is kept nowhere. */
  hidesResult(call: Syscall): boolean {
    return this.#hidden(call).result === true
  }

  /** Asks once for each call: what of it is kept is the same in all its lines. */
  #hidden(call: Syscall): Redaction {
    const { redact } = this.#journal.settings
    if (redact === undefined) return NOTHING_HIDDEN
    const record = call.record as CallRecord
    return (record.redaction ??= this.#ask(redact, { name: call.row.name, agent: call.owner.name, runId: this.id }))
  }

  #ask(redact: NonNullable<JournalOptions['redact']>, call: JournalledCall): Redaction {
    try {
      return checkedRedaction(redact(call))
    } catch (error) {
      this.#journal.reportRedactor(error)
      return { request: true, result: true }
    }
  }
}

function sizeOf(captured: Captured): number {
  return captured.codec === 'v' ? captured.bytes.length : captured.codec === 'x' ? 0 : captured.text.length
}
