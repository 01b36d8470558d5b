import type { DeviceManager } from './driver/device-manager.js'
import { AiosError } from './error/aios-error.js'
import { expected } from './error/describe.js'
import type { KernelEvent, KernelEventName, KernelEvents } from './event/kernel-events.js'
import { EVENT_NAMES } from './event/event-names.js'
import { statsOf } from './event/read-stats.js'
import type { KernelStats } from './event/kernel-stats.js'
import type { Kernel } from './kernel-api.js'
import type { CloseOptions, EventsOptions, ReadyOptions } from './kernel-options.js'
import { checkMethodOptions } from './kernel-options-check.js'
import type { KernelState } from './kernel-state.js'
import { followRun } from './journal/follow-run.js'
import { recoverRuns, type Recovered, type RecoverOptions } from './journal/recover.js'
import { noteBirth } from './journal/orphans.js'
import { readRun, type RunJournal } from './journal/run-journal.js'
import { makeOrphan, startRun, type Start } from './journal/start-run.js'
import { Undo, type Undone, type UndoOptions } from './journal/undo.js'
import { closeKernel } from './lifetime/close-kernel.js'
import type { Agent, AgentProcess, ProcessInfo, SpawnOptions } from './process/agent.js'
import { endProcesses } from './process/end-process.js'
import { killed } from './process/process-end.js'
import type { Process } from './process/process.js'
import { killError, ProcessHandle } from './process/process-handle.js'
import { infoOf } from './process/process-info.js'
import { makeProcess, startAgent, type Spawner } from './process/spawn.js'
import type { PolicyDefinition } from './scheduler/policy.js'
import type { ReadyTable } from './scheduler/ready-table.js'
import type { SyscallHook, SyscallMatch } from './syscall/hook.js'
import type { Sys } from './syscall/sys.js'

/** Is what a kernel's public face is put before. */
export interface KernelParts {
  readonly state: KernelState
  readonly devices: DeviceManager
  readonly ready: ReadyTable
}

/** Is the public face of a kernel: checks what it is given, and hands it to the modules that do the work. */
export class KernelFacade implements Kernel {
  readonly #state: KernelState
  readonly #ready: ReadyTable
  readonly devices: DeviceManager
  #shared: Process | undefined = undefined
  #closing: Promise<void> | undefined = undefined
  readonly #undo: Undo

  constructor({ state, devices, ready }: KernelParts) {
    this.#state = state
    this.#ready = ready
    this.devices = devices
    this.#undo = new Undo(state)
  }

  spawn<I, O>(agent: Agent<I, O>, input: I, options: SpawnOptions = {}): AgentProcess<O> {
    if (typeof agent !== 'function')
      throw new AiosError('AIOS_INVALID_OPTION', expected('an agent function', 'agent', agent))
    const state = this.#state
    const handle = this.#start({ agent, input, options })
    state.settleDown()
    return handle as AgentProcess<O>
  }

  async run<I, O>(agent: Agent<I, O>, input: I, options: SpawnOptions = {}): Promise<O> {
    return this.spawn(agent, input, options).result
  }

  sys(options?: SpawnOptions): Sys {
    const state = this.#state
    const spawner = this.#spawner()
    if (options === undefined && spawner.origin !== undefined) {
      return state.makeSys({ kernel: state, process: spawner.origin.owner, parent: spawner.origin, unhooked: false })
    }
    const process = options === undefined ? this.#host() : makeProcess({ ...spawner, hosts: true }, options)
    state.settleDown()
    return state.makeSys({ kernel: state, process, parent: process.origin, unhooked: false })
  }

  use(hook: SyscallHook, match?: SyscallMatch): () => void {
    if (typeof hook !== 'object' || hook === null)
      throw new AiosError('AIOS_INVALID_OPTION', expected('an object with before, after or around', 'hook', hook))
    for (const key of Object.keys(hook)) {
      if (!['name', 'before', 'after', 'around'].includes(key))
        throw new AiosError(
          'AIOS_INVALID_OPTION',
          `Expected only the keys name, before, after, around in a hook, got "${key}".`,
        )
    }
    return this.#state.hooks.add(hook, match)
  }

  ps(): readonly ProcessInfo[] {
    const { processes } = this.#state
    const living = processes.living().map((process) => infoOf(this.#state, process))
    return [...living, ...processes.remembered().map(({ info }) => info)].sort((a, b) => a.pid - b.pid)
  }

  stats(): KernelStats {
    return statsOf(this.#state)
  }

  killAll(reason?: unknown): void {
    const state = this.#state
    const agents = state.processes.living().filter((process) => process !== this.#shared)
    endProcesses(state, agents, (process) => killed(killError(process, reason)))
    state.settleDown()
  }

  setPolicy(lane: string, definition: PolicyDefinition): void {
    if (typeof definition?.create !== 'function')
      throw new AiosError('AIOS_INVALID_OPTION', expected('a policy such as roundRobin()', 'definition', definition))
    this.#lanes(lane)
    this.#state.lanes.setPolicy(lane, definition)
    this.#state.settleDown()
  }

  async ready(lane: string, options: ReadyOptions = {}): Promise<void> {
    checkMethodOptions('ready', options)
    if (this.#state.closed !== undefined) throw this.#state.closed as Error
    await this.#ready.wait(this.#lanes(lane), options.queued, options.signal)
  }

  on<N extends KernelEventName>(event: N, listener: (data: KernelEvents[N]) => void): () => void {
    if (!EVENT_NAMES.includes(event))
      throw new AiosError('AIOS_INVALID_OPTION', `Expected one of ${EVENT_NAMES.join(', ')}, got "${String(event)}".`)
    if (typeof listener !== 'function')
      throw new AiosError('AIOS_INVALID_OPTION', expected('a function', 'listener', listener))
    return this.#state.hub.on(event, listener)
  }

  events(options: EventsOptions = {}): AsyncIterable<KernelEvent> {
    checkMethodOptions('events', options)
    const { signal } = options
    const stop = (): void => {
      reader.end()
    }
    const reader = this.#state.hub.read(this.#state.limits.eventBuffer, () => {
      signal?.removeEventListener('abort', stop)
    })
    if (signal?.aborted === true || this.#closing !== undefined) reader.end()
    else signal?.addEventListener('abort', stop, { once: true })
    return reader
  }

  close(options: CloseOptions = {}): Promise<void> {
    checkMethodOptions('close', options)
    this.#closing ??= closeKernel({ state: this.#state, devices: this.devices, ready: this.#ready }, options)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async recover(options: RecoverOptions): Promise<Recovered> {
    const { journal } = this.#state
    if (this.#state.closed !== undefined) throw this.#state.closed as Error
    if (journal === undefined)
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        'Expected a kernel with a journal, got one without: nothing was recorded.',
      )
    const recovered = await recoverRuns(journal, options, (start) => this.#start(start))
    this.#state.settleDown()
    return recovered
  }

  undo(target: number | string, options?: UndoOptions): Promise<Undone> {
    return this.#undo.undo(target, options)
  }

  async readRun(runId: string): Promise<RunJournal> {
    const { journal, records } = this.#state
    if (journal === undefined)
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `Expected a kernel with a journal to read run "${runId}" from, got one without: nothing was recorded.`,
      )
    await journal.log.durable()
    return readRun(records, runId)
  }

  /** Starts an agent; in a root process of a kernel with a journal, as a run of it. */
  #start(start: Start): AgentProcess {
    const state = this.#state
    const spawner = this.#spawner()
    const { agent, input, options, lineage } = start
    const process = lineage === undefined ? makeProcess(spawner, options) : makeOrphan(state, options, lineage)
    const handle = new ProcessHandle<unknown>(state, process)
    if ((spawner.parent !== undefined && lineage === undefined) || state.journal === undefined) {
      if (process.detached) noteBirth(process, input, options)
      startAgent(state, process, { agent: agent as Agent, input })
      return handle
    }
    const first = options.runId === undefined ? undefined : state.journal.want(options.runId, handle)
    if (first === undefined) startRun(state, process, start)
    else followRun(state, process, first)
    return handle
  }

  /** The process and call in whose course this code runs, when it runs inside a tool. */
  #spawner(): Spawner {
    const origin = this.#state.scope.current?.call
    return { kernel: this.#state, parent: origin?.owner, origin }
  }

  /** The process of code that is no agent. */
  #host(): Process {
    if (this.#shared === undefined || this.#shared.end !== undefined) {
      this.#shared = makeProcess(
        { kernel: this.#state, parent: undefined, origin: undefined, hosts: true },
        { name: 'host', namespace: 'default' },
      )
    }
    return this.#shared
  }

  #lanes(id: string): ReturnType<KernelState['lanes']['matching']> {
    const lanes = this.#state.lanes.matching(id)
    if (lanes.length > 0) return lanes
    const known = this.#state.lanes
      .all()
      .map((lane) => lane.id)
      .join(', ')
    throw new AiosError('AIOS_NO_DEVICE', `Expected a lane among ${known === '' ? '(none)' : known}, got "${id}".`)
  }
}
