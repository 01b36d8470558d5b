import type { LlmDriver } from './driver/llm-driver.js'
import type { LlmRouter } from './driver/llm-router.js'
import type { MemoryDriver } from './driver/memory-driver.js'
import type { StorageDriver } from './driver/storage-driver.js'
import type { ToolDriver } from './driver/tool-driver.js'
import type { JournalOptions } from './journal/journal-options.js'
import type { KernelLimits } from './limits.js'
import type { LogOption } from './lifetime/logger.js'
import type { TenantOptions } from './process/tenant-table.js'
import type { PolicyDefinition } from './scheduler/policy.js'
import type { RecordStore } from './record/record-store.js'
import type { SyscallDefinition } from './syscall/define-syscall.js'
import type { Clock } from './time/clock.js'

/** Is what `createKernel` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface KernelOptions {
  /** LLM cores, one or several, with unique ids. */
  readonly llm?: LlmDriver | readonly LlmDriver[] | undefined
  readonly memory?: MemoryDriver | undefined
  readonly storage?: StorageDriver | undefined
  readonly tools?: ToolDriver | undefined
  /** Chooses a core for a call; `@aios/llm` has several. Default: the core whose id or model is `request.model`, else the first. */
  readonly router?: LlmRouter | undefined
  /** Policies by lane, `llm` being all cores. Default: `hybrid()` for cores, else `roundRobin()`. */
  readonly policies?: Readonly<Record<string, PolicyDefinition>> | undefined
  /** Shares and limits of tenants by name. Those not named here have weight 1 and no limits. */
  readonly tenants?: Readonly<Record<string, TenantOptions>> | undefined
  /** Rows of third parties, made by `defineSyscall`. */
  readonly syscalls?: readonly SyscallDefinition[] | undefined
  readonly limits?: Partial<KernelLimits> | undefined
  /**
   * Keeps what has to outlive the process; the kernel opens it before its devices and closes it after them. Default:
   * `ramRecords()`, with which nothing does.
   */
  readonly records?: RecordStore | undefined
  /** Records what agents do, so that a run can be resumed, replayed and traced. Default false. */
  readonly journal?: boolean | JournalOptions | undefined
  /** Where log lines go. Default `silent`. */
  readonly log?: LogOption | undefined
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined
  /** Returns a number from 0 to below 1, for the pauses between attempts. Default: dice of the system. */
  readonly random?: (() => number) | undefined
}

/** Is what `kernel.close` takes. */
export interface CloseOptions {
  /** Lets processes end by themselves first. Default false: they are killed at once. */
  readonly drain?: boolean | undefined
  /** Milliseconds to wait for them with `drain`. Default: as long as it takes. */
  readonly timeoutMs?: number | undefined
}

/** Is what `kernel.ready` takes. */
export interface ReadyOptions {
  /** Resolves when fewer calls than this wait in the lane. Default: the lane's concurrency. */
  readonly queued?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Is what `kernel.events` takes. */
export interface EventsOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
}
