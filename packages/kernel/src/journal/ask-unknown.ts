import type { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import { deliver } from '../syscall/settle.js'
import { STATE, type Syscall } from '../syscall/syscall.js'
import type { OpenEntry } from './journal-entry.js'
import { unknownError } from './replay-error.js'
import { restored } from './value-codec.js'

/** Is a call that was on its device, and must not be made twice, when its process was killed. */
export interface UnknownCall {
  readonly runId: string
  /** Path of the call in the run. */
  readonly path: string
  /** Name of the syscall, such as `tool.call`. */
  readonly name: string
  /** Name of the agent that made it. */
  readonly agent: string
  readonly request: unknown
}

/** Says what becomes of such a call: it is made again; it resolves with undefined; or with a result that somebody knows. */
export type UnknownAnswer = 'retry' | 'skip' | { readonly result: unknown }

/** Says what became of such a call. */
export type OnUnknown = (call: UnknownCall) => UnknownAnswer | Promise<UnknownAnswer>

/** Is what happens with the answer. */
export interface Asking {
  readonly runId: string
  readonly onUnknown: OnUnknown
  /** Makes the call again. */
  readonly send: (call: Syscall) => void
  /** Is told that there is no answer that helps. */
  readonly failed: (error: AiosError) => void
}

/** Has somebody say what became of a call that must not be made twice. */
export function askUnknown(call: Syscall, line: OpenEntry, { runId, onUnknown, send, failed }: Asking): void {
  const { path, row: name } = line
  void Promise.resolve()
    .then(() => onUnknown({ runId, path, name, agent: call.owner.name, request: restored(line.request) }))
    .then(
      (answer) => {
        if (call.state === STATE.settled) return
        if (answer === 'retry') send(call)
        else if (answer === 'skip') deliver(call, true, undefined)
        else if (typeof answer === 'object' && answer !== null && 'result' in answer) deliver(call, true, answer.result)
        else
          failed(
            unknownError(runId, line, `Expected "retry", "skip" or { result } from onUnknown, got ${String(answer)}.`),
          )
        call.caller.kernel.settleDown()
      },
      (error: unknown) => {
        failed(unknownError(runId, line, `onUnknown threw: ${errorText(error)}`))
      },
    )
}
