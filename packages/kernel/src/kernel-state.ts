import type { EventHub } from './event/event-hub.js'
import type { Metrics } from './event/metrics.js'
import type { CoreDiscovery } from './driver/core-discovery.js'
import type { LlmRouter } from './driver/llm-router.js'
import type { Journal } from './journal/journal.js'
import type { KernelLimits } from './limits.js'
import type { CallScope } from './lifetime/call-scope.js'
import type { Logger } from './lifetime/logger.js'
import type { TenantTable } from './process/tenant-table.js'
import type { ProcessTable } from './process/process-table.js'
import type { RecordStore } from './record/record-store.js'
import type { Lane } from './scheduler/lane.js'
import type { LaneTable } from './scheduler/lane-table.js'
import type { LockTable } from './scheduler/lock-table.js'
import type { PriorityInheritance } from './scheduler/priority-inheritance.js'
import type { IdempotencyTable } from './syscall/idempotency.js'
import type { HookTable } from './syscall/hook-table.js'
import type { MakeSys } from './syscall/sys-facade.js'
import type { Syscall } from './syscall/syscall.js'
import type { SyscallTable } from './syscall/table.js'
import type { Clock } from './time/clock.js'
import type { TimerWheel } from './time/timer-wheel.js'

/**
 * Is everything one kernel knows: the struct that all modules work on. Nothing of it lives at module level, so two kernels
 * in one process do not see each other.
 */
export interface KernelState {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly limits: KernelLimits
  readonly log: Logger
  readonly records: RecordStore
  readonly table: SyscallTable
  readonly router: LlmRouter
  readonly lanes: LaneTable
  readonly locks: LockTable
  readonly inheritance: PriorityInheritance
  readonly processes: ProcessTable
  readonly tenants: TenantTable
  readonly hooks: HookTable
  readonly hub: EventHub
  readonly metrics: Metrics
  /** Calls with an idempotency key; made with the first of them. */
  readonly idempotency: IdempotencyTable
  readonly scope: CallScope
  /** Finds cores that are not there; set as soon as devices can be added. */
  discovery: CoreDiscovery | undefined
  /** Where what agents do is written, if anywhere. */
  journal: Journal | undefined
  /** Calls that a settlement allowed to go on; they do so once it is complete. */
  readonly awakened: Syscall[]
  /** Begins the ids of runs: unique to this kernel. */
  readonly bootId: string
  /** Returns a number from 0 to below 1. */
  readonly random: () => number
  /** Set by `close`: what calls reject with from then on. */
  closed: unknown
  /** Makes the syscall interface of a caller. */
  readonly makeSys: MakeSys
  /** Lets those go on who waited for what came free, then fills the slots of the lane. */
  wake(lane: Lane | undefined): void
  /** Gives a call up. */
  cancel(call: Syscall, reason: unknown): void
  /** Lets whoever can go on after a change do so, and delivers the events of it. */
  settleDown(): void
  /** Returns the id of the next call. */
  nextCallId(): number
}
