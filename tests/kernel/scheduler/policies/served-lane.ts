/** A lane without a kernel, for policies that count service: serves at once, and keeps its own account of who got what. */
import type { PolicyDefinition, SchedulingPolicy } from '@aios/kernel'
import { TestOwner, TestTask } from '../task.js'

export interface Call {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly priority?: number
  readonly dueAt?: number
  readonly kind?: string
  /** Milliseconds that it runs. */
  readonly runMs?: number
}

export class ServedLane {
  readonly policy: SchedulingPolicy
  now = 0
  #tasks = 0
  #pids = 0
  readonly #calls = new Map<TestTask, Call>()

  constructor(definition: PolicyDefinition) {
    this.policy = definition.create({ id: 'test', concurrency: 1 })
  }

  spawn(given: ConstructorParameters<typeof TestOwner>[1] = {}): TestOwner {
    return new TestOwner((this.#pids += 1), given)
  }

  end(owner: TestOwner): void {
    owner.tree.living -= 1
    this.policy.forget?.(owner)
  }

  make(owner: TestOwner, call: Call = {}): TestTask {
    const task = new TestTask((this.#tasks += 1), owner, { queuedAt: this.now, ...call })
    this.#calls.set(task, call)
    return task
  }

  ask(owner: TestOwner, call: Call = {}, times = 1): TestTask[] {
    return Array.from({ length: times }, () => {
      const task = this.make(owner, call)
      this.policy.enqueue(task, this.now)
      return task
    })
  }

  /** Dequeues the next task and puts it on the device. */
  begin(): TestTask | undefined {
    const task = this.policy.dequeue(this.now) as TestTask | undefined
    if (task !== undefined) this.policy.started?.(task, this.now)
    return task
  }

  finish(task: TestTask): void {
    const { outputTokens = 0, runMs = 0 } = this.#calls.get(task) ?? {}
    this.now += runMs
    this.policy.served?.(task, { inputTokens: 0, outputTokens }, this.now)
    this.policy.settled?.(task, this.now)
    this.#calls.delete(task)
  }

  /** Serves one task from beginning to end. */
  serve(): TestTask | undefined {
    const task = this.begin()
    if (task !== undefined) this.finish(task)
    return task
  }

  /** Serves tasks that never waited. */
  serveAtOnce(owner: TestOwner, call: Call): void {
    const task = this.make(owner, call)
    this.policy.started?.(task, this.now)
    this.finish(task)
  }

  /** Serves as many tasks as are asked for, and tells whose they were. */
  order(count: number): string[] {
    return Array.from({ length: count }, () => this.serve()?.owner.name ?? '-')
  }
}
