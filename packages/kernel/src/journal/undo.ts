import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import type { KernelState } from '../kernel-state.js'
import { endProcess } from '../process/end-process.js'
import { returned } from '../process/process-end.js'
import type { Process } from '../process/process.js'
import { makeProcess } from '../process/spawn.js'
import { shape, optional } from '../syscall/shape.js'
import { signalOption } from '../syscall/syscall-options.js'
import { Syscall } from '../syscall/syscall.js'
import type { SyscallRow, TableRow } from '../syscall/syscall-row.js'
import { trap } from '../syscall/trap.js'
import { EXECUTIONS, markOf, readExecution, type Execution } from './execution.js'
import { JOURNAL_SPACES } from './journal-keys.js'
import { findTarget, spawnedFor } from './undo-target.js'
import { planUndo, type SkippedCall, type UndoableCall, type UndoneCall } from './undo-plan.js'

/** Is what `kernel.undo` takes besides its target. Unknown keys are rejected. */
export interface UndoOptions {
  /** Stops between two calls, and cancels the one that runs: rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** Is what `kernel.undo` returns. */
export interface Undone {
  /** In the order in which they were undone. */
  readonly undone: readonly UndoneCall[]
  readonly skipped: readonly SkippedCall[]
}

/** Is a call that can be undone, with who executed it. */
interface Executed {
  readonly call: UndoableCall
  readonly execution: Execution
}

const options = shape({ signal: optional(signalOption) })

/** Undoes what the journal holds, one undo of a kernel after the other. */
export class Undo {
  readonly #kernel: KernelState
  #last: Promise<unknown> = Promise.resolve()

  constructor(kernel: KernelState) {
    this.#kernel = kernel
  }

  /** Calls the compensations of what was done, newest first, each once in all undos. */
  async undo(target: number | string, given: UndoOptions = {}): Promise<Undone> {
    const kernel = this.#kernel
    const problem = options(given, '')
    if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', `undo: ${problem}`)
    if (kernel.closed !== undefined) throw kernel.closed as Error
    if (kernel.journal === undefined)
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        'Expected a kernel with a journal, got one without: nothing was recorded.',
      )
    const done = this.#last.then(() => this.#run(target, given))
    this.#last = done.catch(() => undefined)
    return done
  }

  async #run(target: number | string, { signal }: UndoOptions): Promise<Undone> {
    const kernel = this.#kernel
    signal?.throwIfAborted()
    const found = await findTarget(kernel, target)
    const { calls, skipped: unfit } = planUndo(kernel.table, found.lines, {
      ...found.scope,
      callId: found.header.callId,
    })
    const { left, done } = await this.#parted(calls)
    const skipped: SkippedCall[] = [...unfit, ...done]
    const undone: UndoneCall[] = []
    if (left.length === 0) return { undone, skipped }
    const process = makeProcess({ kernel, parent: undefined, origin: undefined, hosts: true }, spawnedFor(found))
    try {
      for (let call = left.shift(); call !== undefined; call = left.shift()) {
        const { id, name } = call.call
        try {
          signal?.throwIfAborted()
          await this.#compensate(process, call.call, signal)
          // Before the mark: as long as there is none, the next undo does all of it again.
          await this.#forget(call.execution)
          await kernel.records.put(JOURNAL_SPACES.undone, markOf(id), Buffer.from(String(kernel.clock.now())))
        } catch (error) {
          if (signal?.aborted === true && error === signal.reason) throw error
          throw stopped(error, { id, name }, { undone, skipped, left })
        }
        undone.push({ id, name })
      }
    } finally {
      if (process.end === undefined) endProcess(kernel, process, returned(process, undefined))
      kernel.settleDown()
    }
    return { undone, skipped }
  }

  /** Parts the calls that were executed and not undone from those that were, or that only got what another came to. */
  async #parted(
    calls: readonly UndoableCall[],
  ): Promise<{ readonly left: Executed[]; readonly done: readonly SkippedCall[] }> {
    const { records } = this.#kernel
    const executions = await records.getMany(
      EXECUTIONS,
      calls.map(({ id }) => markOf(id)),
    )
    const all = calls.map((call, at) => ({ call, execution: readExecution(call.id, executions[at]) }))
    const marks = await records.getMany(
      JOURNAL_SPACES.undone,
      all.map(({ execution }) => markOf(execution.by)),
    )
    const left: Executed[] = []
    const done: SkippedCall[] = []
    for (const [at, each] of all.entries()) {
      const { id, name } = each.call
      if (marks[at] !== undefined) done.push({ id, name, why: 'already-undone' })
      else if (each.execution.by !== id) done.push({ id, name, why: 'covered' })
      else left.push(each)
    }
    return { left, done }
  }

  /** Lets what has its idempotency key be executed anew. */
  async #forget({ by, answer }: Execution): Promise<void> {
    if (answer !== undefined) await this.#kernel.idempotency.forget(answer, by)
  }

  /** Makes the call that undoes another, on the lane of that. */
  #compensate(
    process: Process,
    { id, row, request, result }: UndoableCall,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const kernel = this.#kernel
    const call = new Syscall({ kernel, process, parent: undefined, unhooked: false }, compensation(row), request)
    call.rare().undoes = { id, result }
    return trap(call, { signal })
  }
}

/** Makes the row of the calls that undo those of a row; they are counted among them. */
function compensation(row: SyscallRow): TableRow {
  const { name, validate, runs, inputTokens, kind } = row
  return {
    name: `${name}.undo`,
    validate,
    runs,
    returns: 'promise',
    effect: 'keyed',
    route: (call) => row.route(call),
    execute: (call) => row.compensate?.(call, call.extras?.undoes?.result),
    ...(inputTokens && { inputTokens }),
    ...(kind && { kind }),
    counter: (row as TableRow).counter,
  }
}

interface Stand {
  readonly undone: readonly UndoneCall[]
  readonly skipped: readonly SkippedCall[]
  readonly left: readonly Executed[]
}

function stopped(error: unknown, failed: UndoneCall, { undone, skipped, left }: Stand): AiosError {
  const code = AiosError.is(error) ? error.code : 'AIOS_DRIVER_FAILED'
  const remaining = [failed, ...left.map(({ call: { id, name } }) => ({ id, name }))]
  return new AiosError(
    code,
    `Undo stopped at ${failed.name} (${failed.id}): ${error instanceof Error ? error.message : errorText(error)} ${undone.length} undone, ${remaining.length} remaining. Undo again to go on from here.`,
    {
      cause: error,
      ...(AiosError.is(error) ? { retryable: error.retryable } : {}),
      details: { failed, undone: [...undone], skipped, remaining },
    },
  )
}
