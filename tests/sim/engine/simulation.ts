import type { Tenant } from '@aios/kernel'
import FlatQueue from 'flatqueue'
import { hostedModel, serviceMs, type Program, type ServiceTime } from '../workload/program.js'
import type { LaneHost, LaneLike } from './lane-like.js'
import { SimOwner, SimTask, SimTree } from './sim-task.js'

/** Is how one program fared. */
export interface Fate {
  readonly program: Program
  readonly endedAt: number
}

/** Is what a simulation found. */
export interface Outcome {
  readonly fates: readonly Fate[]
  /** Milliseconds from submission to start of every call of the programs that count. */
  readonly waits: Float64Array
  /** When the last call was back. */
  readonly makespan: number
  readonly calls: number
  readonly events: number
  /** Over which call started when: the same seed has the same hash, on every machine. */
  readonly hash: string
}

/** Is what a simulation is made of. */
export interface Scenario {
  readonly programs: readonly Program[]
  /** Makes the lane of the one core. */
  readonly lane: (host: LaneHost) => LaneLike
  readonly serviceTime?: ServiceTime
  /** Is told of every start, in order. */
  readonly onStart?: (task: SimTask, now: number) => void
}

/** Runs programs against one core on a clock of its own: no promises, no timers, the same result each time. */
export function simulate(scenario: Scenario): Outcome {
  return new Simulation(scenario).run()
}

class Simulation {
  readonly #scenario: Scenario
  readonly #serviceTime: ServiceTime
  readonly #lane: LaneLike
  /** What happens next: an arrival or the next step of a tree, the end of a task, or what a lane asked for. */
  readonly #events = new FlatQueue<SimTree | SimTask | ((now: number) => void)>()
  readonly #tenants = new Map<string, Tenant>()
  readonly #waits: number[] = []
  #now = 0
  #ids = 0
  #pids = 0
  #count = 0
  #makespan = 0
  #hash = 0x811c9dc5

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#serviceTime = scenario.serviceTime ?? hostedModel
    this.#lane = scenario.lane({
      start: (task, now) => {
        this.#started(task, now)
      },
      begin: (task, now) => {
        this.#begun(task, now)
      },
      finish: (task, at) => {
        this.#events.push(task, at)
      },
      at: (time, callback) => {
        this.#events.push(callback, time)
      },
    })
  }

  run(): Outcome {
    const trees = this.#scenario.programs.map((program) => this.#admit(program))
    for (;;) {
      const at = this.#events.peekValue()
      const event = this.#events.pop()
      if (at === undefined || event === undefined) break
      this.#now = at
      this.#count += 1
      if (event instanceof SimTree) this.#takeStep(event)
      else if (event instanceof SimTask) this.#finish(event)
      else event(at)
    }
    return {
      fates: trees.map(({ program, endedAt }) => ({ program, endedAt })),
      waits: Float64Array.from(this.#waits).sort(),
      makespan: this.#makespan,
      calls: this.#ids,
      events: this.#count,
      hash: (this.#hash >>> 0).toString(16).padStart(8, '0'),
    }
  }

  #admit(program: Program): SimTree {
    const name = program.tenant
    const tenant = this.#tenants.get(name) ?? { name, weight: 1 }
    this.#tenants.set(name, tenant)
    const tree = new SimTree((this.#pids += 1), program, { tenant, remainingMs: serviceMs(program, this.#serviceTime) })
    this.#events.push(tree, program.arrivesAt)
    return tree
  }

  #takeStep(tree: SimTree): void {
    tree.root ??= new SimOwner(tree.id, tree.program.name, { parent: undefined, tree })
    const step = tree.program.steps[tree.step]
    if (step === undefined) {
      tree.endedAt = this.#now
      this.#forget(tree.root)
      return
    }
    const { root } = tree
    root.outstanding = step.calls.length
    for (const call of step.calls) {
      // Calls that go out together are made by children, one each.
      const owner =
        step.calls.length === 1 ? root : new SimOwner((this.#pids += 1), `${root.name}/helper`, { parent: root, tree })
      this.#lane.submit(new SimTask((this.#ids += 1), owner, { call, queuedAt: this.#now }), this.#now)
    }
  }

  #started(task: SimTask, now: number): void {
    this.#begun(task, now)
    this.#events.push(task, now + this.#serviceTime(task.call))
  }

  #begun(task: SimTask, now: number): void {
    const { tree } = task.owner
    if (tree.program.counted) this.#waits.push(now - task.queuedAt)
    this.#note(task.id)
    this.#note(Math.round(now * 1_000))
    this.#scenario.onStart?.(task, now)
  }

  #finish(task: SimTask): void {
    const { owner } = task
    const { tree } = owner
    const root = tree.root as SimOwner
    this.#makespan = this.#now
    tree.remainingMs -= this.#serviceTime(task.call)
    this.#lane.settle(task, this.#now)
    if (owner !== root) this.#forget(owner)
    root.outstanding -= 1
    if (root.outstanding === 0) {
      const gap = tree.program.steps[tree.step]?.gapMs ?? 0
      tree.step += 1
      this.#events.push(tree, this.#now + gap)
    }
    this.#lane.pump(this.#now)
  }

  #forget(owner: SimOwner): void {
    owner.tree.living -= 1
    this.#lane.forget(owner)
  }

  /** FNV-1a over the low 32 bits. */
  #note(value: number): void {
    for (let left = value >>> 0, byte = 0; byte < 4; byte += 1, left >>>= 8)
      this.#hash = Math.imul(this.#hash ^ (left & 0xff), 0x01000193)
  }
}
