import type { Process } from './process.js'
import type { ProcessEnd } from './process-end.js'
import type { ProcessInfo } from './agent.js'

/** Is an exited process as it stays visible. */
export interface ExitedProcess {
  readonly info: ProcessInfo
  readonly end: ProcessEnd
}

/** Keeps the living processes by pid, and the last exited ones. */
export class ProcessTable {
  readonly #living = new Map<number, Process>()
  readonly #exited = new Map<number, ExitedProcess>()
  readonly #bound: number
  #lastPid = 0

  constructor(bound: number) {
    this.#bound = bound
  }

  get size(): number {
    return this.#living.size
  }

  nextPid(): number {
    return (this.#lastPid += 1)
  }

  add(process: Process): void {
    this.#living.set(process.pid, process)
  }

  get(pid: number): Process | undefined {
    return this.#living.get(pid)
  }

  /** Returns an exited process while it is remembered. */
  exited(pid: number): ExitedProcess | undefined {
    return this.#exited.get(pid)
  }

  /** Moves a process to the exited ones. */
  retire(process: Process, exited: ExitedProcess): void {
    this.#living.delete(process.pid)
    this.#exited.set(process.pid, exited)
    if (this.#exited.size > this.#bound) {
      for (const oldest of this.#exited.keys()) {
        this.#exited.delete(oldest)
        break
      }
    }
  }

  living(): readonly Process[] {
    return [...this.#living.values()]
  }

  remembered(): readonly ExitedProcess[] {
    return [...this.#exited.values()]
  }
}
