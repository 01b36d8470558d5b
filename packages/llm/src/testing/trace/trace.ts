import { AiosError, type Captured, type JournalEntry, type RunJournal } from '@aios/kernel'
import { describeValue } from '@aios/kernel/driver'
import type { EventRecording } from '@aios/kernel/testing'
import { deserialize } from 'node:v8'
import { isRecord } from '../../core/record.js'

/** Is what a trace can be read from: a run of the journal, or recorded events of a kernel. */
export type TraceSource = RunJournal | EventRecording

/** Is one syscall of a trace. */
export interface TraceCall {
  /** Name of the row, such as `llm.chat`. */
  readonly name: string
  /** Name of the tool, of a `tool.call` in a journal. */
  readonly tool: string | undefined
  /** `open`: it had not settled. */
  readonly outcome: 'fulfilled' | 'rejected' | 'cancelled' | 'open'
  /** Code of the error, where it has one. */
  readonly errorCode: string | undefined
  /** What it asked; undefined in events, and where the journal keeps it not. */
  readonly request: unknown
}

/** Is everything that was called, in the order in which the calls were made. */
export interface Trace {
  readonly calls: readonly TraceCall[]
  /** Whether requests and names of tools are known. */
  readonly hasRequests: boolean
  /** The starts and ends of calls on their devices, in their order; undefined where they are not known. */
  readonly moments: readonly { readonly name: string; readonly delta: 1 | -1 }[] | undefined
}

function valueOf(captured: Captured): unknown {
  if (captured.codec === 'x') return undefined
  if (captured.codec === 'v') return deserialize(captured.bytes)
  return captured.text === '' ? undefined : JSON.parse(captured.text)
}

/** A call comes before those under it, and those of its caller in their order. */
function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  const [left, right] = [a, b].map(({ path }) => path.split('.').map(Number)) as [number[], number[]]
  const at = left.findIndex((step, n) => step !== right[n])
  return at === -1 ? left.length - right.length : at >= right.length ? 1 : left[at]! - right[at]!
}

type CallLine = Extract<JournalEntry, { readonly kind: 'call' | 'open' }>

function journalled(line: CallLine): TraceCall {
  const request = valueOf(line.request)
  const isTool = line.row === 'tool.call' && isRecord(request)
  const error = line.kind === 'call' && line.result.codec === 'e' ? valueOf(line.result) : undefined
  return {
    name: line.row,
    tool: isTool ? String(request['name']) : undefined,
    outcome: line.kind === 'call' ? line.outcome : 'open',
    errorCode: isRecord(error) && typeof error['code'] === 'string' ? error['code'] : undefined,
    request,
  }
}

function traceOfRun({ lines }: RunJournal): Trace {
  const last = new Map<string, CallLine>()
  for (const line of lines) {
    if (line.kind !== 'call' && line.kind !== 'open') continue
    if (last.get(line.path)?.kind !== 'call') last.set(line.path, line)
  }
  // Many calls are made at one time of a virtual clock; their numbers tell them apart.
  const ordered = [...last.values()].sort((a, b) => a.at - b.at || byPath(a, b))
  return { calls: ordered.map(journalled), hasRequests: true, moments: undefined }
}

function traceOfEvents(recording: EventRecording): Trace {
  const settled = [...recording.of('syscall:settled')].sort((a, b) => a.id - b.id)
  const started = new Set<number>()
  const moments: { name: string; delta: 1 | -1 }[] = []
  for (const { name, data } of recording.all) {
    if (name !== 'syscall:started' && name !== 'syscall:settled') continue
    const call = data as { readonly id: number; readonly name: string }
    if (name === 'syscall:started') {
      // One that was preempted starts again.
      if (!started.has(call.id)) moments.push({ name: call.name, delta: 1 })
      started.add(call.id)
    } else if (started.delete(call.id)) moments.push({ name: call.name, delta: -1 })
  }
  const calls = settled.map(({ name, outcome, errorCode }): TraceCall => ({
    name,
    tool: undefined,
    outcome,
    errorCode,
    request: undefined,
  }))
  return { calls, hasRequests: false, moments }
}

/**
 * Reads a trace.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for what is none
 */
export function readTrace(source: TraceSource): Trace {
  const given: unknown = source
  if (isRecord(given) && Array.isArray(given['lines'])) return traceOfRun(source as RunJournal)
  if (isRecord(given) && typeof given['of'] === 'function') return traceOfEvents(source as EventRecording)
  throw new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected a run, as kernel.readRun returns it, or events, as recordEvents does, for expectTrace(), got ${describeValue(source)}.`,
  )
}
