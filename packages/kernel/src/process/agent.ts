import type { RunJournal } from '../journal/run-journal.js'
import type { Grants } from '../access/grants.js'
import type { ProcessLimits } from '../limiter/process-limits.js'
import type { Sys } from '../syscall/sys.js'

/**
 * Is a program that runs on the kernel: an ordinary async function that reaches the outside only through `sys`.
 *
 * @example
 * ```ts
 * import type { Agent } from '@aios/kernel'
 *
 * const summarise: Agent<string, string> = async (sys, text) => {
 *   const reply = await sys.llm.chat({ messages: [{ role: 'user', content: `Summarise: ${text}` }] })
 *   return reply.text
 * }
 * ```
 */
export type Agent<I = unknown, O = unknown> = (sys: Sys, input: I) => Promise<O> | O

/** Is how urgent a call is: 7 goes first. Default 3. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** Bounds what a process and all its descendants may use together. Absent means unbounded. */
export interface Budget {
  /** Input plus output tokens. */
  readonly tokens?: number | undefined
  /** US dollars; every core used must declare its price. */
  readonly usd?: number | undefined
  /** Syscalls. */
  readonly calls?: number | undefined
  /** Milliseconds of life, not counting time suspended; at the end the process is killed. */
  readonly wallMs?: number | undefined
}

/** Is what `spawn` and `run` take. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface SpawnOptions {
  /** Shown in `ps()` and events; not unique. Default `agent`. */
  readonly name?: string | undefined
  /**
   * Names the run, for a root process of a kernel with a journal. The same line starts it, takes it up where it was when its
   * process was killed, or returns the answer it came to. Default: an id that no other run has.
   */
  readonly runId?: string | undefined
  /** Begins with the calls of a recorded run, such as one that `fork` returned, and then goes on live. Needs a journal. */
  readonly replay?: RunJournal | undefined
  /**
   * Whose memory the process shares: the same namespace means the same notes. Default: `name`, else `default`.
   * For a child: the parent must be able to reach it, otherwise naming it rejects with `AIOS_ACCESS_DENIED` and a
   * child that only has a name uses its parent's.
   */
  readonly namespace?: string | undefined
  /** On whose behalf it runs. A child always runs on behalf of its parent's tenant. Default `default`. */
  readonly tenant?: string | undefined
  /**
   * Share of the process, with all its descendants, among those of its tenant; above 0. Only for a root: a child shares
   * with its parent. Default 1.
   */
  readonly weight?: number | undefined
  /** Default priority of its calls. Default: the parent's, else 3. */
  readonly priority?: Priority | undefined
  readonly budget?: Budget | undefined
  /** Bounds the rate of its LLM calls and those of all its descendants, beside the limits above it. Default: none. */
  readonly limits?: ProcessLimits | undefined
  readonly grants?: Grants | undefined
  /** Milliseconds from now after which the process ends with `AIOS_DEADLINE_EXCEEDED`. */
  readonly deadlineMs?: number | undefined
  /**
   * Lets a child outlive its parent; its use is still charged to the parent's budget. In a kernel with a journal it has a run of its
   * own from then on, and is taken up after a kill by its `name`. Default false.
   */
  readonly detached?: boolean | undefined
  /** Ends the process when it aborts; `result` then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** Is what a process is doing. `running`: a call of it is on a device. `runnable`: calls wait. `sleeping`: neither. */
export type ProcessState = 'runnable' | 'running' | 'sleeping' | 'suspended' | 'exited'

/** Counts what a process and its descendants used. */
export interface ProcessUsage {
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars, over the calls whose core declares a price. */
  readonly costUsd: number
}

/** Is the handle of a running agent. */
export interface AgentProcess<O = unknown> {
  readonly pid: number
  /** Pid of the parent; 0 is the kernel itself. */
  readonly parentPid: number
  /** Names the run: the same for a root process and all its descendants, but for detached ones that outlived it. */
  readonly runId: string
  readonly name: string
  readonly state: ProcessState
  readonly usage: ProcessUsage
  /** Settles when the agent function does, or when the process is ended. Never becomes an unhandled rejection. */
  readonly result: Promise<O>
  /** Stops the process and its descendants before their next call; results that arrive are held back. */
  suspend(): void
  /** Undoes `suspend`, however often that was called; a descendant goes on when no process above it is suspended. */
  resume(): void
  /** Ends the process and its descendants, children first. `reason` becomes the cause of the error. */
  kill(reason?: unknown): void
  /** Changes the priority of its next calls and of those that wait. */
  setPriority(priority: Priority): void
}

/** Is one row of `kernel.ps()`. */
export interface ProcessInfo {
  readonly pid: number
  readonly parentPid: number
  /** Names the run: the same for a root process and all its descendants, but for detached ones that outlived it. */
  readonly runId: string
  readonly name: string
  readonly namespace: string
  readonly tenant: string
  readonly state: ProcessState
  readonly priority: Priority
  /** The priority its calls have at least: its own, or that of who waits for it, if higher. */
  readonly effectivePriority: Priority
  readonly createdAt: number
  readonly exitedAt: number | undefined
  /** `fulfilled`, or the error code (or `error`) it ended with. */
  readonly outcome: string | undefined
  readonly usage: ProcessUsage
  readonly budget: Budget
  /** Its calls that have not settled. */
  readonly calls: readonly CallInfo[]
  /** Messages not yet received. */
  readonly mailbox: number
}

/** Is one call of a process that has not settled. */
export interface CallInfo {
  readonly id: number
  /** Row name such as `llm.chat`. */
  readonly name: string
  readonly state: 'waiting' | 'queued' | 'running' | 'held'
  readonly lane: string | undefined
  /** What it waits for, as a sentence: `7 waits for lock files/a, held by 4`. */
  readonly waitsFor: string | undefined
}
