import { CompiledGrants, denied } from '../access/compiled-grants.js'
import { AiosError } from '../error/aios-error.js'
import { checkJournal } from '../journal/check-journal.js'
import { enterJournal } from '../journal/enter-journal.js'
import { pidsOf } from '../journal/run-numbers.js'
import type { JournalScope } from '../journal/journal-scope.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { KernelState } from '../kernel-state.js'
import { DEFAULT_PRIORITY } from '../limits.js'
import type { Quota } from '../limiter/quota.js'
import { makeQuota } from '../syscall/allowance.js'
import type { Syscall } from '../syscall/syscall.js'
import type { Agent, SpawnOptions } from './agent.js'
import { Account } from './budget.js'
import { endProcess } from './end-process.js'
import { killed, returned, threw, type ProcessEnd } from './process-end.js'
import { grantsOf } from './grants-of.js'
import { factOf } from './process-fact.js'
import { Process } from './process.js'
import { ProcessTree } from './process-tree.js'
import { spawnProblem } from './spawn-options.js'

/** On whose behalf processes run that name nobody. */
const DEFAULT_TENANT = 'default'

/** Says for whom a process is made: its parent process, and the call in whose course it is spawned. */
export interface Spawner {
  readonly kernel: KernelState
  readonly parent: Process | undefined
  readonly origin: Syscall | undefined
  /** How the journal knows the new process, and its pid in an earlier life of the run; default: as it comes. */
  readonly scope?: JournalScope | undefined
  readonly pid?: number | undefined
  /** Whether it only makes calls for code outside. */
  readonly hosts?: boolean | undefined
  /** The run that a detached process has of its own, whose parent ended in an earlier life. */
  readonly claims?: string | undefined
}

/**
 * Makes a process from checked options, without starting anything in it.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`, `AIOS_ACCESS_DENIED` for a namespace that the parent cannot reach, `AIOS_CLOSED`
 */
export function makeProcess(spawner: Spawner, options: SpawnOptions): Process {
  const { kernel, parent } = spawner
  if (kernel.closed !== undefined) throw kernel.closed as Error
  if (parent?.end !== undefined && spawner.claims === undefined) throw parent.end.callError() as Error
  const problem = spawnProblem(options)
  if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', problem)
  if (options.runId !== undefined) checkRunOption(kernel, parent, { name: 'runId', value: `"${options.runId}"` })
  if (options.replay !== undefined) checkReplay(kernel, parent, options.replay)
  const pid = spawner.pid ?? options.replay?.header.pid ?? kernel.processes.nextPid()
  if (spawner.pid !== undefined) checkFree(kernel, spawner.pid)
  const process = shapeProcess({ ...spawner, pid }, options)
  process.claims = spawner.claims
  enterFamily(kernel, process, options)
  if (options.signal !== undefined) watch(kernel, process, options.signal)
  if (kernel.journal === undefined) bound(kernel, process, { options, since: process.createdAt })
  else enterJournal(kernel, process, { spawner, options, bound })
  // One that may turn out to be another's later life is told of when that is known.
  if (options.runId === undefined && spawner.claims === undefined)
    kernel.hub.push('process:spawned', factOf(kernel, process))
  return process
}

/** Makes a process that nobody knows of yet, with what it has from its options and its parent. */
export function shapeProcess(
  { kernel, parent, origin, pid }: Spawner & { readonly pid: number },
  options: SpawnOptions,
): Process {
  const name = options.name ?? 'agent'
  const namespace = namespaceOf(options, parent)
  const grants = compileGrants(options, namespace, parent)
  // Last of what can refuse: from here on the tenant counts one more.
  const tree = treeOf(kernel, pid, { options, parent })
  return new Process({
    pid,
    parent,
    name,
    namespace,
    origin: options.detached === true ? undefined : origin,
    bootId: kernel.bootId,
    priority: options.priority ?? parent?.priority ?? DEFAULT_PRIORITY,
    grants,
    account: options.budget === undefined ? parent?.account : new Account(pid, options.budget, parent?.account),
    quota: quotaOf(kernel, pid, { options, parent }),
    tree,
    createdAt: kernel.clock.now(),
  })
}

/** Makes a process known to its parent, its tree and the kernel. */
function enterFamily(kernel: KernelState, process: Process, options: SpawnOptions): void {
  const { parent } = process
  process.tree.living += 1
  process.detached = options.detached === true
  if (parent !== undefined) {
    parent.children ??= new Set()
    parent.children.add(process)
    if (!process.detached) {
      process.frozen = parent.frozen
      process.lent = parent.lent
    }
  }
  kernel.processes.add(process)
}

/** Runs an agent in a process, from the next microtask on, so that whoever spawns it has its handle first. */
export function startAgent<I, O>(
  kernel: KernelState,
  process: Process,
  start: { readonly agent: Agent<I, O>; readonly input: I },
): void {
  process.runsAgent = true
  void Promise.resolve().then(() => {
    if (process.end === undefined) runAgent(kernel, process, start)
  })
}

/** Calls the agent function. What stays while it runs is one reaction to its promise: there may be a million of them. */
function runAgent<I, O>(
  kernel: KernelState,
  process: Process,
  { agent, input }: { readonly agent: Agent<I, O>; readonly input: I },
): void {
  const sys = kernel.makeSys({ kernel, process, parent: process.origin, unhooked: false })
  let value: Promise<O> | O
  try {
    value = agent(sys, input)
  } catch (error) {
    fail(kernel, process, error)
    return
  }
  void Promise.resolve(value).then(
    (result) => {
      finish(kernel, process, returned(process, result))
    },
    (error: unknown) => {
      fail(kernel, process, error)
    },
  )
}

function fail(kernel: KernelState, process: Process, error: unknown): void {
  if (process.end === undefined) finish(kernel, process, threw(process, error))
}

function finish(kernel: KernelState, process: Process, end: ProcessEnd): void {
  if (process.end !== undefined || process.scope?.run.replay?.holdEnd(process, end) === true) return
  endProcess(kernel, process, end)
  kernel.settleDown()
}

/** Refuses an option that only a root process of a kernel with a journal can have. */
function checkRunOption(
  kernel: KernelState,
  parent: Process | undefined,
  { name, value }: { readonly name: 'runId' | 'replay'; readonly value: string },
): void {
  if (parent !== undefined)
    throw new AiosError('AIOS_INVALID_OPTION', `Expected "${name}" only for a process without a parent, got ${value}.`)
  if (kernel.journal === undefined) {
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a journal for the run ${value}, got a kernel without one. Pass dataDir to createKernel of '@aios/sdk', or { records, journal: true } to that of '@aios/kernel'.`,
    )
  }
}

/** A run that begins as another one did has its pids, which its agents may have written into what they asked for. */
function checkReplay(kernel: KernelState, parent: Process | undefined, replay: RunJournal): void {
  const { header, lines } = checkJournal(replay, '"replay"')
  checkRunOption(kernel, parent, { name: 'replay', value: `"${header.runId}"` })
  for (const pid of pidsOf(header.pid, lines)) {
    checkFree(kernel, pid)
    kernel.journal?.pids.skip(pid)
  }
}

function checkFree(kernel: KernelState, pid: number): void {
  if (kernel.processes.get(pid) === undefined) return
  throw new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected no process with the pid ${pid}, which one of the replayed run has, but there is one. Let that run end first.`,
  )
}

/** A root begins a tree; a child, also a detached one, stays in its parent's. */
function treeOf(
  kernel: KernelState,
  pid: number,
  { options, parent }: { readonly options: SpawnOptions; readonly parent: Process | undefined },
): ProcessTree {
  const { tenant, weight } = options
  if (parent === undefined) {
    // A tree names its run: one that begins with the pid of another run is a run of its own.
    const id = options.replay === undefined ? pid : kernel.processes.nextPid()
    const tree = new ProcessTree(id, weight ?? 1, kernel.tenants.enter(tenant ?? DEFAULT_TENANT))
    tree.runId = options.runId
    return tree
  }
  const { tree } = parent
  if (weight !== undefined)
    throw new AiosError('AIOS_INVALID_OPTION', `Expected "weight" only for a process without a parent, got ${weight}.`)
  if (tenant !== undefined && tenant !== tree.tenant.name)
    throw denied(`Tenant "${tenant}" for a child of ${parent.name}`, `"${tree.tenant.name}"`)
  return tree
}

/** The limits of a process of its own, else those above it. */
function quotaOf(
  kernel: KernelState,
  pid: number,
  { options, parent }: { readonly options: SpawnOptions; readonly parent: Process | undefined },
): Quota | undefined {
  const above =
    parent === undefined
      ? kernel.tenants.quotaOf(options.tenant ?? DEFAULT_TENANT, (name, limits) =>
          makeQuota(kernel, { name: `tenant ${name}`, limits, parent: undefined }),
        )
      : parent.quota
  const { limits } = options
  const isLimited = limits !== undefined && Object.values(limits).some((limit) => limit !== undefined)
  return isLimited ? makeQuota(kernel, { name: `process ${pid}`, limits, parent: above }) : above
}

/** The namespace of a process: named, else its name, else `default`; a child stays within what its parent can reach. */
function namespaceOf(options: SpawnOptions, parent: Process | undefined): string {
  if (parent === undefined) return options.namespace ?? options.name ?? 'default'
  const reach = (namespace: string): boolean => namespace === parent.namespace || grantsOf(parent).memory(namespace)
  if (options.namespace !== undefined) {
    if (reach(options.namespace)) return options.namespace
    throw denied(
      `Memory namespace "${options.namespace}" for a child of ${parent.name}`,
      `"${parent.namespace}", and ${grantsOf(parent).granted('memory')}`,
    )
  }
  return options.name !== undefined && reach(options.name) ? options.name : parent.namespace
}

function compileGrants(
  options: SpawnOptions,
  namespace: string,
  parent: Process | undefined,
): CompiledGrants | undefined {
  if (options.grants === undefined && (parent?.grants === undefined || namespace === parent.namespace))
    return parent?.grants
  return new CompiledGrants(options.grants ?? {}, namespace, parent === undefined ? undefined : grantsOf(parent))
}

/** Says when a process has to end: its options, and since when they count. */
export interface Bounds {
  readonly options: SpawnOptions
  readonly since: number
}

/** Sets the timers that can end a process. */
export function bound(kernel: KernelState, process: Process, { options, since }: Bounds): void {
  const { deadlineMs, budget } = options
  const stop = stopper(kernel, process)
  const agedMs = Math.max(0, kernel.clock.now() - since)
  if (deadlineMs !== undefined) {
    process.dueAt = since + deadlineMs
    process.deadline = kernel.wheel.set(Math.max(0, deadlineMs - agedMs), true, () => {
      stop(
        new AiosError(
          'AIOS_DEADLINE_EXCEEDED',
          `Process ${process.pid} (${process.name}) did not end within its ${deadlineMs} ms.`,
          { details: { deadlineMs } },
        ),
      )
    })
  }
  if (budget?.wallMs !== undefined) {
    process.wallLeftMs = Math.max(0, budget.wallMs - agedMs)
    process.onWall = () => {
      const cause = new AiosError(
        'AIOS_BUDGET_EXCEEDED',
        `Process ${process.pid} (${process.name}) has lived its ${budget.wallMs ?? 0} ms.`,
      )
      stop(new AiosError('AIOS_PROCESS_KILLED', cause.message, { cause }))
    }
    if (process.frozen === 0) runWall(kernel, process)
  }
}

function stopper(kernel: KernelState, process: Process): (error: unknown) => void {
  return (error) => {
    endProcess(kernel, process, killed(error))
    kernel.settleDown()
  }
}

function watch(kernel: KernelState, process: Process, signal: AbortSignal): void {
  const stop = stopper(kernel, process)
  const onAbort = (): void => {
    stop(signal.reason)
  }
  if (signal.aborted) {
    queueMicrotask(onAbort)
    return
  }
  signal.addEventListener('abort', onAbort, { once: true })
  process.release = () => {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Lets the life of a process with a `wallMs` budget run on. */
export function runWall(kernel: KernelState, process: Process): void {
  if (process.onWall === undefined || process.wall !== undefined) return
  process.wallSince = kernel.clock.now()
  process.wall = kernel.wheel.set(process.wallLeftMs, true, process.onWall)
}

/** Stops that clock while the process is suspended. */
export function stopWall(kernel: KernelState, process: Process): void {
  if (process.wall === undefined) return
  kernel.wheel.cancel(process.wall)
  process.wall = undefined
  process.wallLeftMs -= kernel.clock.now() - process.wallSince
}
