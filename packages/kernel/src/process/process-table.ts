import type { Process } from './process.js'
import type { ProcessEnd } from './process-end.js'
import type { ProcessInfo } from './agent.js'

/** Is an exited process as it stays visible. */
export interface ExitedProcess {
  readonly info: ProcessInfo
  readonly end: ProcessEnd
}

function counter(): () => number {
  let last = 0
  return () => (last += 1)
}

/** Keeps the living processes by pid, and the last exited ones. */
export class ProcessTable {
  readonly #living = new Map<number, Process>()
  readonly #exited = new Map<number, ExitedProcess>()
  readonly #bound: number
  readonly nextPid: () => number

  /** @param nextPid - hands out pids; default: 1, 2, 3, … */
  constructor(bound: number, nextPid: () => number = counter()) {
    this.#bound = bound
    this.nextPid = nextPid
  }

  get size(): number {
    return this.#living.size
  }

  add(process: Process): void {
    this.#living.set(process.pid, process)
  }

  /** Gives a process the pid that it had in an earlier life of its run. */
  rename(process: Process, pid: number): void {
    this.#living.delete(process.pid)
    if (process.account?.pid === process.pid) process.account.pid = pid
    process.pid = pid
    this.#living.set(pid, process)
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
