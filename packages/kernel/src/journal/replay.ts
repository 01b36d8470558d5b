import { AiosError } from '../error/aios-error.js'
import type { KernelState } from '../kernel-state.js'
import { endProcess } from '../process/end-process.js'
import { killed, type ProcessEnd } from '../process/process-end.js'
import type { Process } from '../process/process.js'
import { suspendProcess } from '../process/suspend.js'
import { askUnknown } from './ask-unknown.js'
import { chargeRecorded } from './charge-recorded.js'
import { divergedError, isDetached } from './divergence.js'
import { HeldCalls, type Send } from './held-calls.js'
import { HeldEnds } from './held-ends.js'
import { IdleWatch } from './idle-watch.js'
import type { CallEntry, OpenEntry } from './journal-entry.js'
import { CallRecord, parentPath, type JournalScope } from './journal-scope.js'
import { matchKey, type Recorded, type RecordedRun, type Step } from './recorded-run.js'
import { pastError, unknownError } from './replay-error.js'
import { stepsOfReplay } from './replay-steps.js'
import { asMade } from './made-call.js'
import type { Halt, ReplayMode } from './replay-mode.js'
import { ReplayedMail } from './replayed-mail.js'
import { ReplayedSpawns } from './replayed-spawns.js'
import { ReplayedStreams } from './replayed-streams.js'
import type { Run } from './run.js'
import { digestOf, restored } from './value-codec.js'
import { wait } from '../syscall/wait.js'
import { deliver, quiet, stopClock } from '../syscall/settle.js'
import { STATE, type Syscall } from '../syscall/syscall.js'

/**
 * Goes through an earlier life of a run: answers its calls from the journal, in the order in which they settled then, and
 * holds what is new until all is used up. Then the run goes on live.
 */
export class Replay {
  readonly #kernel: KernelState
  readonly #run: Run
  readonly #recorded: RecordedRun
  readonly #mode: ReplayMode
  readonly #steps: readonly Step[]
  /** Why it did not go on; undefined while it does. */
  halted: Halt | undefined = undefined
  readonly mail: ReplayedMail
  readonly #streams = new ReplayedStreams()
  readonly #spawns = new ReplayedSpawns()
  /** Calls that are made, by the number of the line that answers them. */
  readonly #asked = new Map<number, Syscall>()
  readonly #held = new HeldCalls()
  readonly #ends = new HeldEnds()
  readonly #processes = new Map<string, Process>()
  /** What is done once the run is live: deadlines begin. */
  #atLive: (() => void)[] = []
  #cursor = 0
  #scheduled = false
  readonly #idle: IdleWatch
  #ended = false
  /** How the agent of the root ended, though lines are left. */
  #rootEnd: ProcessEnd | undefined

  constructor(kernel: KernelState, run: Run, seed: { readonly recorded: RecordedRun; readonly mode: ReplayMode }) {
    this.#kernel = kernel
    this.#run = run
    this.#recorded = seed.recorded
    this.#mode = seed.mode
    this.#steps = stepsOfReplay(seed.recorded.steps, seed.mode)
    this.mail = new ReplayedMail(seed.recorded.lines)
    this.#idle = new IdleWatch({
      wheel: kernel.wheel,
      idleMs: kernel.limits.replayIdleMs,
      isBusy: () => this.#scheduled,
      onIdle: () => {
        this.#onIdle()
      },
    })
  }

  /** Begins, once the root process is there. */
  begin(): void {
    this.#schedule()
  }

  /** Is told of a process of the run. */
  enter(path: string, process: Process): void {
    this.#processes.set(path, process)
  }

  /** Returns when the call was made, in an earlier life, that a process was spawned by. */
  madeAt(scope: JournalScope): number {
    return (scope instanceof CallRecord ? scope.entry?.at : undefined) ?? this.#kernel.clock.now()
  }

  /** Puts off until the run is live. */
  whenLive(act: () => void): void {
    this.#atLive.push(act)
  }

  /** Takes a call that was made. */
  issue(call: Syscall, send: Send): void {
    const record = call.record as CallRecord
    const digest = (this.#recorded.view?.digest ?? digestOf)(record.request)
    const key = matchKey(record.parent.path, call.row.name, digest)
    const leftNoLine = this.#mode.ended === undefined && this.#recorded.leftNoLine(key, record.path)
    const found = leftNoLine ? undefined : this.#recorded.take(key, record.path)
    if (found === undefined) {
      while (this.#recorded.has(record.path)) record.path = record.parent.next()
      wait(call)
      this.#held.add({ call, send, ...(leftNoLine && { key }) })
    } else {
      this.#match(call, found, send)
    }
    this.#schedule()
  }

  #match(call: Syscall, found: Recorded, send: Send): void {
    const record = call.record as CallRecord
    record.path = found.path
    if (found.kind === 'call') this.#await(call, found)
    else this.#reopen(call, found, send)
  }

  /** Keeps back what a call that runs now came to, until all that is recorded was delivered. */
  keepBack(call: Syscall, go: () => void): boolean {
    if (this.#ended || call.record?.entry !== undefined) return false
    this.#held.add({ call, send: go })
    return true
  }

  /**
   * Keeps back the end of a process until what is recorded of it was gone through, that of the root until all was: what others did in
   * the turn that it ended in comes still, and what nobody does any more is a divergence, or left over by a replay. Returns whether it did.
   */
  holdEnd(process: Process, end: ProcessEnd): boolean {
    if (this.#ended) return false
    if (process !== this.#processes.get('')) return this.#ends.hold(process, end)
    this.#rootEnd = end
    this.#schedule()
    return true
  }

  /** Is told that a call settled which a line would have answered: it was cancelled first. */
  settledEarly(): void {
    this.#schedule()
  }

  /** Stops: whoever waits is told by the end of the run. */
  stop(): void {
    this.#ended = true
    this.#idle.stop()
    this.#held.takeAll()
    this.#asked.clear()
  }

  #await(call: Syscall, entry: CallEntry): void {
    const record = call.record as CallRecord
    record.entry = entry
    this.#asked.set(entry.n, call)
    stopClock(call)
    this.#streams.answer(call)
    wait(call)
  }

  /** A call that had not settled when the run stopped. One that others were made under runs again at once, for they come. */
  #reopen(call: Syscall, line: OpenEntry, send: Send): void {
    const record = call.record as CallRecord
    record.opened = line
    record.told = this.#recorded.toldOf(line)
    // What begins anew is written anew, so that the parts of two lives are not taken for one answer.
    record.isOpen = record.told !== undefined || call.extras?.stream === undefined
    this.#streams.tell(call)
    const go = (): void => {
      if (line.intent) this.#ask(call, line, send)
      else send(call)
    }
    if (this.#recorded.isParent(line.path)) {
      go()
      return
    }
    wait(call)
    this.#held.add({ call, send: go })
  }

  /** Has somebody say what became of a call that must not be made twice. */
  #ask(call: Syscall, line: OpenEntry, send: Send): void {
    const { onUnknown } = this.#mode
    if (onUnknown === undefined) {
      this.#halt(unknownError(this.#run.id, line))
      return
    }
    wait(call)
    askUnknown(call, line, {
      runId: this.#run.id,
      onUnknown,
      send,
      failed: (error) => {
        this.#halt(error)
      },
    })
  }

  /** Looks, once the agents have had their turn, whether the next step can be taken. */
  #schedule(): void {
    if (this.#scheduled || this.#ended) return
    this.#scheduled = true
    this.#kernel.clock.defer(() => {
      this.#scheduled = false
      if (!this.#ended) this.#advance()
    })
  }

  #advance(): void {
    this.#ends.release(this.#kernel)
    if (this.#mode.ended !== undefined && this.#astray() !== undefined) {
      this.#halt(this.#diverged())
      return
    }
    const step = this.#steps[this.#cursor]
    if (step === undefined) {
      this.#finish()
    } else if (step.every((line) => this.#isDue(line))) {
      this.#cursor += 1
      for (const line of step) {
        this.#take(line)
        if (this.#ended) return
      }
      this.#kernel.settleDown()
      this.#idle.restart()
      this.#schedule()
    } else if (this.#mode.atEnd === 'stop' && this.#rootEnd !== undefined) {
      this.#endRoot()
    } else {
      this.#idle.restart()
      this.#spawnBefore(step)
    }
  }

  /** Spawns what was at work before whoever spawned it was told. */
  #spawnBefore(step: Step): void {
    try {
      if (this.#spawns.spawnBefore(step, this.#asked.values())) this.#schedule()
    } catch (error) {
      this.#halt(error as AiosError)
    }
  }

  /** Whether the agents have done what has to come before. */
  #isDue(line: Step[number]): boolean {
    if (line.kind === 'parts') return this.#streams.awaits(line)
    return line.kind === 'kill' || this.#asked.has(line.n)
  }

  /** Ends a run whose agents do nothing any more, though there are lines left, or nothing is to come. */
  #onIdle(): void {
    // The agent makes its calls in another order than it did: who was taken for one without a line is given what is left.
    const like = this.#held.takeLike(this.#recorded)
    if (like !== undefined) {
      this.#match(like.call, like.found, like.send)
      this.#schedule()
      return
    }
    if (this.#mode.ended === undefined && this.#isThrough()) this.#halt(undefined)
    else this.#halt(this.#diverged())
  }

  #take(line: Step[number]): void {
    if (line.kind === 'parts') {
      this.#streams.take(line)
      return
    }
    if (line.kind === 'kill') {
      this.#spawnBefore([line])
      const process = this.#processes.get(line.path)
      if (process !== undefined) endProcess(this.#kernel, process, killed(restored(line.error)))
      return
    }
    const call = this.#asked.get(line.n) as Syscall
    this.#asked.delete(line.n)
    if (call.state === STATE.settled) return
    this.#answer(call, line)
  }

  #answer(call: Syscall, line: CallEntry): void {
    let value: unknown
    try {
      value = restored(line.result)
      if (line.outcome === 'fulfilled') asMade(call, line.made)
    } catch (error) {
      this.#halt(pastError(this.#run.id, line, error))
      return
    }
    chargeRecorded(call, line)
    const fulfilled = line.outcome === 'fulfilled'
    const wasMade = fulfilled && line.made !== null
    if (line.outcome === 'cancelled') quiet(call.promise)
    try {
      if (wasMade) this.#spawns.spawn(call, value)
    } catch (error) {
      this.#halt(error as AiosError)
      return
    }
    if (wasMade) this.mail.passed(call, value)
    const stream = call.extras?.stream
    if (stream === undefined) deliver(call, fulfilled, value)
    else stream.answered(fulfilled, value)
  }

  #finish(): void {
    this.#idle.stop()
    if (this.#mode.atEnd === 'stop') {
      if (this.#rootEnd === undefined) this.#finishWithoutDevices()
      else this.#endRoot()
      return
    }
    if (this.#rootEnd !== undefined && this.#recorded.remaining().some(isOfRoot)) {
      this.#halt(this.#diverged())
      return
    }
    this.#ended = true
    this.#run.replay = undefined
    for (const act of this.#atLive) act()
    this.#atLive = []
    this.#endRoot()
    this.mail.deliverTo(this.#processes)
    for (const path of this.#recorded.suspended()) {
      const process = this.#processes.get(path)
      if (process !== undefined) suspendProcess(this.#kernel, process)
    }
    for (const { call, send } of this.#held.takeAll()) if (call.state !== STATE.settled) send(call)
    this.#kernel.settleDown()
  }

  #endRoot(): void {
    const [root, end] = [this.#processes.get(''), this.#rootEnd]
    if (root === undefined || end === undefined) return
    this.#rootEnd = undefined
    endProcess(this.#kernel, root, end)
    this.#kernel.settleDown()
  }

  /** All is delivered that was to be: ends as the run ended, stops, or lets the agents go on by themselves. */
  #finishWithoutDevices(): void {
    const { until, ended } = this.#mode
    const root = this.#processes.get('')
    if (until !== undefined) {
      this.#halt(undefined)
    } else if (ended?.outcome === 'killed' && root !== undefined && this.#isThrough()) {
      this.stop()
      endProcess(this.#kernel, root, killed(restored(ended.result)))
      this.#kernel.settleDown()
    } else if (ended === undefined && this.#isThrough() && this.#allWait()) {
      this.#halt(undefined)
    } else {
      this.#idle.restart()
    }
  }

  /** Whether every call was delivered, and every call that had not settled was made again. */
  #isThrough(): boolean {
    return this.#steps[this.#cursor] === undefined && this.#recorded.remaining().length === 0
  }

  /** Whether every process waits for a call: whatever they do next depends on one that nothing answers. */
  #allWait(): boolean {
    return [...this.#processes.values()].every(({ end, firstCall }) => end !== undefined || firstCall !== undefined)
  }

  #halt(error: AiosError | undefined): void {
    const processes = [...this.#processes.values()]
    this.halted = { error, waiting: processes.flatMap((process) => process.outstanding()) }
    this.stop()
    const why = error ?? new AiosError('AIOS_PROCESS_KILLED', 'The replay stopped where it was to stop.')
    this.#run.halt(why)
    for (const process of processes) endProcess(this.#kernel, process, killed(why))
    this.#kernel.settleDown()
  }

  #diverged(): AiosError {
    const unasked = (this.#steps[this.#cursor] ?? []).find(
      (each): each is CallEntry => each.kind === 'call' && !this.#isDue(each),
    )
    return divergedError({
      runId: this.#run.id,
      recorded: this.#recorded,
      next: unasked ?? this.#recorded.remaining()[0],
      came: this.#astray(),
      end: this.#rootEnd,
    })
  }

  /** A call that nothing recorded answers. What a detached process had under way at the end of its run left no line. */
  #astray(): Syscall | undefined {
    const root = this.#processes.get('')
    return this.#held.find(({ owner, state }) => state !== STATE.settled && !isDetached(owner, root))
  }
}

/** Whether the agent of the root made a call itself. */
function isOfRoot({ path }: Recorded): boolean {
  return parentPath(path) === ''
}
