import type { LlmCoreView, LlmRouter } from './driver/llm-router.js'
import { limitsProblem } from './driver/driver-options.js'
import { AiosError } from './error/aios-error.js'
import { EventHub } from './event/event-hub.js'
import { Metrics } from './event/metrics.js'
import type { KernelOptions } from './kernel-options.js'
import { Journal } from './journal/journal.js'
import { journalSettings } from './journal/journal-options.js'
import type { KernelState } from './kernel-state.js'
import { CallScope } from './lifetime/call-scope.js'
import { createLogger } from './lifetime/redact.js'
import { DEFAULT_CONCURRENCY, DEFAULT_LIMITS, type KernelLimits } from './limits.js'
import { ProcessTable } from './process/process-table.js'
import { TenantTable } from './process/tenant-table.js'
import { ramRecords } from './record/ram-records.js'
import type { Lane } from './scheduler/lane.js'
import type { LaneHost } from './scheduler/lane-host.js'
import { LaneTable } from './scheduler/lane-table.js'
import { batchRow } from './scheduler/batch/batch-row.js'
import { LockTable } from './scheduler/lock-table.js'
import type { PolicyDefinition } from './scheduler/policy.js'
import { PriorityInheritance } from './scheduler/priority-inheritance.js'
import type { SyscallDefinition } from './syscall/define-syscall.js'
import { cancel } from './syscall/cancel.js'
import { turnAway, wake } from './syscall/enter-lane.js'
import { leaveTripped } from './syscall/leave-tripped.js'
import { IdempotencyTable } from './syscall/idempotency.js'
import { HookTable } from './syscall/hook-table.js'
import { asynchronous, customRow } from './syscall/rows/custom-row.js'
import { sysFactory } from './syscall/sys-facade.js'
import { SyscallTable } from './syscall/table.js'
import { randomId } from './time/random-id.js'
import { systemRandom } from './time/system-random.js'
import { systemClock } from './time/system-clock.js'
import { TimerWheel } from './time/timer-wheel.js'

const namedOrFirst: LlmRouter = {
  pick: ({ model, llms }, cores) => {
    const named =
      (name: string): ((core: LlmCoreView) => boolean) =>
      (core) =>
        core.id === name || core.model === name
    if (model !== undefined) return cores.find(named(model))?.id
    if (llms === undefined) return cores[0]?.id
    const wanted = llms.map(({ name, backend }) =>
      cores.find((core) => named(name)(core) && (backend === undefined || core.backend === backend)),
    )
    return wanted.find((core) => core !== undefined)?.id
  },
}

/** Lane ids that only the kernel's own devices have. */
const RESERVED_LANES = /^(llm(\/.*)?|memory|storage|tool)$/

/** Makes the state of a kernel from checked options: the boot list, without any device yet. */
export function bootState(options: KernelOptions): KernelState {
  const clock = options.clock ?? systemClock
  const limits = withDefaults(options.limits)
  const table = new SyscallTable((options.syscalls ?? []).map(customRow))
  let calls = 0
  let idempotency: IdempotencyTable | undefined
  const inheritance = new PriorityInheritance(() => state.locks)
  const settings = journalSettings(options.journal)
  const state: KernelState = {
    clock,
    limits,
    table,
    wheel: new TimerWheel(clock),
    log: createLogger(options.log ?? 'silent'),
    records: options.records ?? ramRecords(),
    discovery: undefined,
    journal: undefined,
    router: options.router ?? namedOrFirst,
    lanes: new LaneTable(options.policies),
    locks: new LockTable(inheritance),
    inheritance,
    processes: new ProcessTable(limits.exitedProcesses, settings && (() => (state.journal as Journal).pids.next())),
    tenants: new TenantTable(options.tenants ?? {}),
    hooks: new HookTable(),
    hub: new EventHub(clock),
    metrics: new Metrics(clock.now()),
    get idempotency() {
      return (idempotency ??= new IdempotencyTable(state))
    },
    scope: new CallScope(),
    makeSys: sysFactory(table),
    awakened: [],
    bootId: randomId(),
    random: options.random ?? systemRandom,
    closed: undefined,
    wake: (lane) => {
      wake(state, lane)
    },
    cancel,
    settleDown: () => {
      wake(state, undefined)
      state.hub.flush()
    },
    nextCallId: () => (calls += 1),
  }
  state.journal = settings && new Journal(state, settings)
  return state
}

function withDefaults(given: KernelOptions['limits']): KernelLimits {
  const named = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return Object.freeze({ ...DEFAULT_LIMITS, ...(Object.fromEntries(named) as Partial<KernelLimits>) })
}

/** Makes the lanes that the rows of third parties name. */
export function addCustomLanes(
  state: KernelState,
  syscalls: readonly SyscallDefinition[],
  make: (seed: CustomLane) => Lane,
): void {
  for (const { name, request, lane: id, limits, batch } of syscalls) {
    // A schema that validates asynchronously shows itself on any value.
    if (request['~standard'].validate(undefined) instanceof Promise) throw asynchronous(name)
    if (id === undefined && limits !== undefined)
      throw new AiosError('AIOS_INVALID_OPTION', `Syscall "${name}" has limits but no lane; name a lane.`)
    const wrong = batch === undefined ? undefined : batchRow(batch, `syscall ${name}, batch`)
    if (wrong !== undefined) throw new AiosError('AIOS_INVALID_OPTION', wrong)
    if (id === undefined && batch !== undefined)
      throw new AiosError('AIOS_INVALID_OPTION', `Syscall "${name}" has a batch but no lane; name a lane.`)
    if (id === undefined) continue
    if (RESERVED_LANES.test(id))
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `Expected a lane of its own for syscall "${name}", got "${id}", which belongs to the kernel.`,
      )
    const problem = limits === undefined ? undefined : limitsProblem(limits, `syscall ${name}, limits`)
    if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', problem)
    const there = state.lanes.get(id)
    if (there !== undefined && limits !== undefined)
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `Expected limits of lane "${id}" in one row only, got them again in "${name}".`,
      )
    if (there === undefined) {
      state.lanes.add(
        make({
          id,
          device: { kind: 'custom', id },
          concurrency: limits?.concurrency ?? DEFAULT_CONCURRENCY.custom,
          depth: limits?.depth ?? state.limits.laneDepth,
          batches: new Map(syscalls.flatMap((row) => (row.lane === id && row.batch ? [[row.name, row.batch]] : []))),
        }),
      )
    }
  }
}

/** Is a lane of a third party, short of its policy. */
export type CustomLane = Omit<ConstructorParameters<typeof Lane>[0], 'policy'>

/** Connects lanes with the kernel around them. */
export function laneHost(state: KernelState, listeners: Pick<LaneHost, 'begin' | 'laneMoved' | 'released'>): LaneHost {
  return {
    ...listeners,
    now: () => state.clock.now(),
    defer: (callback) => {
      state.clock.defer(callback)
    },
    later: state.wheel.later,
    random: state.random,
    limited: (lane, { kind, retryAfterMs }) => {
      state.hub.push('core:limited', {
        lane: lane.id,
        refused: kind === 'overload',
        retryAfterMs,
        at: state.clock.now(),
      })
    },
    tripped: (lane, failures, errorCode) => {
      state.hub.push('core:tripped', { lane: lane.id, failures, errorCode, at: state.clock.now() })
      leaveTripped(state, lane)
    },
    recovered: (lane, downMs) => {
      state.hub.push('core:recovered', { lane: lane.id, downMs, at: state.clock.now() })
    },
    refuse: turnAway,
    resume: (lane) => {
      wake(state, lane)
      state.hub.relieve()
    },
    shed: (call) => {
      const due = new AiosError(
        'AIOS_DEADLINE_EXCEEDED',
        `${call.row.name} waited for ${call.lane?.id ?? ''} until its deadline could no longer be met, and was not started.`,
        { details: { dueAt: call.dueAt } },
      )
      cancel(call, due)
    },
    laneChanged: (lane, saturated) => {
      const fact = { lane: lane.id, queued: lane.queued, running: lane.running, at: state.clock.now() }
      state.hub.push(saturated ? 'lane:saturated' : 'lane:drained', fact)
    },
  }
}

/** Rejects policies for lanes that are not there: a misspelt name would have no effect. */
export function checkPolicyLanes(policies: Readonly<Record<string, PolicyDefinition>>, state: KernelState): void {
  for (const lane of Object.keys(policies)) {
    if (RESERVED_LANES.test(lane) || state.lanes.get(lane) !== undefined) continue
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected policies for llm, llm/<core id>, memory, storage, tool or a lane of your own, got "${lane}".`,
    )
  }
}
