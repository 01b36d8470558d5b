import { AiosError } from '../error/aios-error.js'
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
import { JOURNAL_SPACES, undoneKey } from './journal-keys.js'
import { placeOf } from './run-header.js'
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

/** One mark for each call, whichever of the runs it stands in is undone. */
function markOf(id: string): Uint8Array {
  const { runId, path } = placeOf(id)
  return undoneKey(runId, path)
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
    const marks = await kernel.records.getMany(
      JOURNAL_SPACES.undone,
      calls.map(({ id }) => markOf(id)),
    )
    const skipped: SkippedCall[] = [
      ...unfit,
      ...calls.flatMap(({ id, name }, at) =>
        marks[at] === undefined ? [] : [{ id, name, why: 'already-undone' as const }],
      ),
    ]
    const left = calls.filter((_, at) => marks[at] === undefined)
    const undone: UndoneCall[] = []
    if (left.length === 0) return { undone, skipped }
    const process = makeProcess({ kernel, parent: undefined, origin: undefined, hosts: true }, spawnedFor(found))
    try {
      for (let call = left.shift(); call !== undefined; call = left.shift()) {
        const { id, name } = call
        try {
          signal?.throwIfAborted()
          await this.#compensate(process, call, signal)
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
  readonly left: readonly UndoableCall[]
}

function stopped(error: unknown, failed: UndoneCall, { undone, skipped, left }: Stand): AiosError {
  const code = AiosError.is(error) ? error.code : 'AIOS_DRIVER_FAILED'
  const remaining = [failed, ...left.map(({ id, name }) => ({ id, name }))]
  return new AiosError(
    code,
    `Undo stopped at ${failed.name} (${failed.id}): ${error instanceof Error ? error.message : String(error)} ${undone.length} undone, ${remaining.length} remaining. Undo again to go on from here.`,
    {
      cause: error,
      ...(AiosError.is(error) ? { retryable: error.retryable } : {}),
      details: { failed, undone: [...undone], skipped, remaining },
    },
  )
}
