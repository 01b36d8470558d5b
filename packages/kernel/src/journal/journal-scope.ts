import type { StreamPart } from '../driver/chat.js'
import type { Snapshot } from '../preemption/process-context.js'
import type { Execution } from './execution.js'
import type { CallEntry, OpenEntry } from './journal-entry.js'
import type { Redaction } from './journal-options.js'
import type { Run } from './run.js'
import type { Captured } from './value-codec.js'

/** Is whoever makes calls, as the journal sees it: a process, or a call that makes others. It numbers them from 1. */
export class JournalScope {
  /** Written again only when a detached process leaves for a run of its own, as the path is. */
  run: Run
  /** Numbers of the calls from the root down, joined by dots; the empty path is the root process. */
  path: string
  issued = 0

  constructor(run: Run, path: string) {
    this.run = run
    this.path = path
  }

  /** Returns the path of the next call, or process, in it. */
  next(): string {
    this.issued += 1
    return this.at(this.issued)
  }

  at(number: number): string {
    return this.path === '' ? String(number) : `${this.path}.${number}`
  }
}

/** Is how far an answer was when the run stopped. */
export interface Told {
  /** Parts that were delivered. */
  readonly parts: readonly StreamPart[]
  /** Parts that were generated, and not delivered any more. */
  readonly ahead: readonly StreamPart[]
  /** What the core goes on from after those, if it was cut. */
  readonly snapshot: Snapshot | undefined
}

/** Is what the journal keeps of one call while it is outstanding. */
export class CallRecord extends JournalScope {
  readonly parent: JournalScope
  /** The request as the agent made it. */
  readonly request: Captured
  /** Whether a line of the journal tells that the call was made. */
  isOpen = false
  /** Whether the journal must hold that before the device has the call, and does. */
  intended = false
  /** The line it is answered from. */
  entry: CallEntry | undefined = undefined
  /** The line that told of it in a life of the run that ended too early. */
  opened: OpenEntry | undefined = undefined
  /** Parts of its answer that no line holds yet, and when the first of them came. */
  parts: StreamPart[] | undefined = undefined
  partsAt = 0
  /** What of it is kept out of the journal, once that was asked. */
  redaction: Redaction | undefined = undefined
  /** Which call was executed, if it has an idempotency key. */
  execution: Execution | undefined = undefined
  /** The request before hooks changed it. */
  asked: unknown = undefined
  /** What of the request hooks changed, once the call was made; undefined until then, null for nothing. */
  made: Captured | null | undefined = undefined
  /** What of its answer an earlier life had. */
  told: Told | undefined = undefined

  constructor(parent: JournalScope, path: string, request: Captured) {
    super(parent.run, path)
    this.parent = parent
    this.request = request
  }
}

/** Whether a path is another, or of something made under it; everything is under the empty one. */
export function isWithin(path: string, above: string): boolean {
  return above === '' || path === above || path.startsWith(`${above}.`)
}

/** Returns a path as it is seen from another that it is within. */
export function pathBelow(path: string, above: string): string {
  return above === '' ? path : path.slice(above.length + 1)
}

/** Returns the path of what a call or process was made under; undefined for the root. */
export function parentPath(path: string): string | undefined {
  if (path === '') return undefined
  const dot = path.lastIndexOf('.')
  return dot < 0 ? '' : path.slice(0, dot)
}
