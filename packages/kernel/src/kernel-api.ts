import type { LlmDriver } from './driver/llm-driver.js'
import type { MemoryDriver } from './driver/memory-driver.js'
import type { StorageDriver } from './driver/storage-driver.js'
import type { ToolDriver } from './driver/tool-driver.js'
import type { KernelEvent, KernelEventName, KernelEvents } from './event/kernel-events.js'
import type { KernelStats } from './event/kernel-stats.js'
import type { CloseOptions, EventsOptions, ReadyOptions } from './kernel-options.js'
import type { RunJournal } from './journal/run-journal.js'
import type { Recovered, RecoverOptions } from './journal/recover.js'
import type { Undone, UndoOptions } from './journal/undo.js'
import type { Agent, AgentProcess, ProcessInfo, SpawnOptions } from './process/agent.js'
import type { PolicyDefinition } from './scheduler/policy.js'
import type { SyscallHook, SyscallMatch } from './syscall/hook.js'
import type { Sys } from './syscall/sys.js'

/** Is any device that can be added to a running kernel. */
export type DeviceDriver = LlmDriver | MemoryDriver | StorageDriver | ToolDriver

/** Adds and removes devices while the kernel runs. */
export interface Devices {
  /**
   * Opens a driver and adds it. A kernel has any number of cores and one of each other kind.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` if the id, or the kind, is taken
   */
  add(driver: DeviceDriver): Promise<void>
  /**
   * Takes a device away: no new call goes to it, those that wait reject with `AIOS_NO_DEVICE`, those that run may
   * end; then the driver is closed.
   *
   * @param id - lane of the device: `llm/<core id>`, `memory`, `storage` or `tool`
   */
  remove(id: string): Promise<void>
}

/** Is an agent operating system inside one process. Make one with `createKernel`. */
export interface Kernel extends AsyncDisposable {
  readonly devices: Devices
  /** Starts an agent as a process. Inside a tool, the process becomes a child of the tool's caller. */
  spawn<I, O>(agent: Agent<I, O>, input: I, options?: SpawnOptions): AgentProcess<O>
  /** Starts an agent and waits for its result. */
  run<I, O>(agent: Agent<I, O>, input: I, options?: SpawnOptions): Promise<O>
  /**
   * Returns syscalls for code that is not an agent. Without options it is always the same, shared process; with
   * options each call makes a process of its own, which lives until the kernel closes or its `signal` aborts.
   */
  sys(options?: SpawnOptions): Sys
  /** Adds a hook to every matching syscall. Returns a function that removes it. */
  use(hook: SyscallHook, match?: SyscallMatch): () => void
  /**
   * Takes up every run that a killed process, or a closed kernel, left unfinished on the store of this one. Runs that another
   * living kernel has are left to it.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` without a journal; `AIOS_STORE_UNAVAILABLE` if the store cannot be read
   */
  recover(options: RecoverOptions): Promise<Recovered>
  /**
   * Undoes what an agent did, newest first: of each call that fulfilled and whose syscall declares a `compensate`, that is called, as a
   * call of its own on the same lane, in a process named `undo`. What was undone is marked in the journal: a second undo skips it,
   * and one after a crash or a failure goes on from there.
   *
   * @param target - a pid: that process and its descendants, suspended or ended; the id of a run; or `runId/path`: one call, with
   *   what was made under it
   * @throws AiosError `AIOS_INVALID_OPTION` without a journal, and for a process or run that goes on; `AIOS_NO_SUCH_PROCESS`,
   *   `AIOS_NOT_FOUND`; the code of the compensation that failed, or `AIOS_DRIVER_FAILED`, with `failed`, `undone`, `skipped` and
   *   `remaining` in its `details`
   */
  undo(target: number | string, options?: UndoOptions): Promise<Undone>
  /**
   * Reads a run that the store of this kernel holds, with everything that was recorded of it by now.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` without a journal; `AIOS_NOT_FOUND` if there is no run of this id;
   *   `AIOS_CORRUPT` if a line of it is damaged
   */
  readRun(runId: string): Promise<RunJournal>
  /** Lists all living processes and the last exited ones, by pid. */
  ps(): readonly ProcessInfo[]
  /** Returns counters of lanes, rows and the whole kernel since it started. */
  stats(): KernelStats
  /** Kills every process; the kernel stays open. */
  killAll(reason?: unknown): void
  /**
   * Changes the policy of a lane while it runs; `llm` means every core, also each that is added later. What was said last
   * of a lane holds too for a device that takes the place of a removed one. Waiting calls keep their place in time.
   *
   * @throws AiosError `AIOS_NO_DEVICE` for a lane that is not there, `AIOS_INVALID_OPTION` for what is no policy
   */
  setPolicy(lane: string, definition: PolicyDefinition): void
  /** Resolves when the lane has room; `llm` means any core. For producers that should not run ahead. */
  ready(lane: string, options?: ReadyOptions): Promise<void>
  /** Calls `listener` for every event of a name. Returns a function that removes it. */
  on<N extends KernelEventName>(event: N, listener: (data: KernelEvents[N]) => void): () => void
  /** Iterates over all events from now on. Leaving the loop stops it; a slow reader loses the oldest. */
  events(options?: EventsOptions): AsyncIterable<KernelEvent>
  /** Ends all processes, closes all drivers. Idempotent; every call waits for the same end. */
  close(options?: CloseOptions): Promise<void>
}
