import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { KernelState } from '../kernel-state.js'
import { quiet } from '../syscall/settle.js'
import { priorityOption } from '../syscall/syscall-options.js'
import type { AgentProcess, Priority, ProcessState, ProcessUsage } from './agent.js'
import { endProcess } from './end-process.js'
import { killed, settledBy } from './process-end.js'
import type { Process } from './process.js'
import { stateOf } from './process-info.js'
import { changePriority, resumeProcess, suspendProcess } from './suspend.js'

/** Makes the error of a process that was killed by hand. */
export function killError(process: Process, reason: unknown): AiosError {
  const why = reason === undefined ? '' : `: ${reason instanceof Error ? reason.message : describe(reason)}`
  return new AiosError('AIOS_PROCESS_KILLED', `Process ${process.pid} (${process.name}) was killed${why}.`, {
    cause: reason,
  })
}

function resultOf<O>(process: Process): Promise<O> {
  const { end } = process
  if (end !== undefined) return (process.sealing ?? Promise.resolve()).then(() => settledBy(end)) as Promise<O>
  return new Promise<O>((resolve) => {
    process.settleResult = resolve as (result: unknown) => void
  })
}

/** Is the handle of a process in the hands of whoever spawned it. */
export class ProcessHandle<O> implements AgentProcess<O> {
  #result: Promise<O> | undefined = undefined
  readonly #kernel: KernelState
  readonly #process: Process

  constructor(kernel: KernelState, process: Process) {
    this.#kernel = kernel
    this.#process = process
  }

  /** Made when it is first asked for: a million agents may live whose handles were dropped. */
  get result(): Promise<O> {
    if (this.#result === undefined) {
      this.#result = resultOf<O>(this.#process)
      quiet(this.#result)
    }
    return this.#result
  }

  get pid(): number {
    return this.#process.pid
  }

  get parentPid(): number {
    return this.#process.parentPid
  }

  get runId(): string {
    return this.#process.journalId
  }

  get name(): string {
    return this.#process.name
  }

  get state(): ProcessState {
    return stateOf(this.#process)
  }

  get usage(): ProcessUsage {
    return { ...this.#process.usage }
  }

  suspend(): void {
    suspendProcess(this.#kernel, this.#process)
  }

  resume(): void {
    resumeProcess(this.#kernel, this.#process)
  }

  kill(reason?: unknown): void {
    if (this.#process.end !== undefined) return
    endProcess(this.#kernel, this.#process, killed(killError(this.#process, reason)))
    this.#kernel.settleDown()
  }

  setPriority(priority: Priority): void {
    const problem = priorityOption(priority, 'priority')
    if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', problem)
    changePriority(this.#kernel, this.#process, priority)
  }
}
