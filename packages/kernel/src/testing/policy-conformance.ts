import { DEFAULT_AGEING_MS, PRIORITY_CLASSES } from '../limits.js'
import type { PolicyDefinition, SchedulingPolicy, Task, TaskOwner } from '../scheduler/policy.js'
import { check, type ConformanceCase } from './conformance.js'
import { TestOwner, TestTask } from './policy-task.js'

const LANE = { id: 'test', concurrency: 1 }
const AGENTS = 5
const STEP_MS = 100
/** Longest that a task may wait for younger ones, in milliseconds: what ageing promises by default. */
const BOUND_MS = PRIORITY_CLASSES * DEFAULT_AGEING_MS

/** Makes tasks, and numbers that look random but are the same in every run. */
class Source {
  readonly #agents: TestOwner[] = []
  #seed = 1
  #made = 0
  #pids = 0

  constructor() {
    for (let n = 0; n < AGENTS; n += 1) this.#spawn()
  }

  below(limit: number): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    return this.#seed % limit
  }

  task(queuedAt: number, priority = this.below(PRIORITY_CLASSES)): TestTask {
    this.#made += 1
    const owner = this.#agents[this.below(AGENTS)] as TestOwner
    // A deadline far beyond what any case lasts: what is hopeless may be shed, and these cases shed nothing.
    const dueAt = this.below(2) === 0 ? Number.POSITIVE_INFINITY : queuedAt + 1_000 * BOUND_MS
    return new TestTask(this.#made, owner, { priority, queuedAt, dueAt, inputTokens: 1 + this.below(1_000) })
  }

  /** Ends an agent that has no children and no tasks, and puts another in its place. */
  replace(policy: SchedulingPolicy, inUse: ReadonlySet<TaskOwner>): void {
    const at = this.#agents.findIndex(
      (agent) => !inUse.has(agent) && this.#agents.every((other) => other.parent !== agent),
    )
    const gone = this.#agents[at]
    if (gone === undefined) return
    this.#agents.splice(at, 1)
    gone.tree.living -= 1
    policy.forget?.(gone)
    this.#spawn()
  }

  /** Every other agent is a child of the oldest. */
  #spawn(): void {
    this.#pids += 1
    const parent = this.#pids % 2 === 0 ? this.#agents[0] : undefined
    const tenant = { name: this.#pids % 2 === 0 ? 'even' : 'odd', weight: 1 }
    this.#agents.push(new TestOwner(this.#pids, { name: `agent ${this.#pids % AGENTS}`, parent, tenant }))
  }
}

function filled(policy: SchedulingPolicy, count: number): TestTask[] {
  const source = new Source()
  return Array.from({ length: count }, (_, at) => {
    const task = source.task(at)
    policy.enqueue(task, at)
    return task
  })
}

/** Returns the next task; a policy that holds tasks back is asked again at the time it names. */
function next(policy: SchedulingPolicy, now: number): Task | undefined {
  const task = policy.dequeue(now)
  if (task !== undefined) return task
  const at = policy.wakeAt?.(now)
  return at === undefined ? undefined : policy.dequeue(at)
}

/** Takes everything out, at one point in time or as soon as it may go. */
function drained(policy: SchedulingPolicy, now: number): Task[] {
  const out: Task[] = []
  for (let task = next(policy, now); task !== undefined; task = next(policy, now)) out.push(task)
  return out
}

function checkSame(got: readonly Task[], wanted: readonly Task[]): void {
  const ids = (tasks: readonly Task[]): string =>
    tasks
      .map((task) => task.id)
      .sort((a, b) => a - b)
      .join(', ')
  check(ids(got) === ids(wanted), `Expected the tasks ${ids(wanted)}, got ${ids(got)}.`)
}

function emptyAtFirst(definition: PolicyDefinition): void {
  check(typeof definition.name === 'string' && definition.name !== '', 'Expected a policy to have a name.')
  check(Object.isFrozen(definition), 'Expected a policy definition to be immutable: freeze it.')
  const policy = definition.create(LANE)
  check(policy.size === 0 && policy.dequeue(0) === undefined, 'Expected a new policy to be empty.')
}

function nothingLost(definition: PolicyDefinition): void {
  const policy = definition.create(LANE)
  const tasks = filled(policy, 200)
  checkSame(drained(policy, 200), tasks)
  check(policy.size === 0, `Expected size 0 after the last task, got ${policy.size}.`)
}

/** Mixes all operations, reports of service included; the policy must hold exactly what went in and did not come out. */
function exact(definition: PolicyDefinition): void {
  const policy = definition.create(LANE)
  const source = new Source()
  const held = new Set<Task>()
  const running = new Set<Task>()
  for (let now = 0; now < 3_000; now += 1) {
    const dice = source.below(10)
    if (dice < 5) {
      const task = source.task(now)
      policy.enqueue(task, now)
      held.add(task)
    } else if (dice < 8) {
      const task = next(policy, now)
      check(
        (task === undefined) === (held.size === 0),
        'Expected dequeue to return a task whenever there is one, or wakeAt a time at which it does.',
      )
      check(task === undefined || held.delete(task), `Expected task ${task?.id ?? 0} once, got it twice.`)
      if (task !== undefined) running.add(task)
      if (task !== undefined) policy.started?.(task, now)
    } else {
      const task = [...held][source.below(Math.max(1, held.size))]
      if (task !== undefined)
        check(policy.remove(task) && held.delete(task), `Expected remove to find task ${task.id}.`)
    }
    serve(policy, { running, source, now })
    if (now % 50 === 0) source.replace(policy, new Set([...held, ...running].map(({ owner }) => owner)))
    check(policy.size === held.size, `Expected size ${held.size}, got ${policy.size}.`)
  }
  checkSame(drained(policy, 3_000), [...held])
}

/** Reports what a running task was served: output, a correction that may be negative, or its end. */
function serve(
  policy: SchedulingPolicy,
  { running, source, now }: { readonly running: Set<Task>; readonly source: Source; readonly now: number },
): void {
  const task = [...running][source.below(Math.max(1, running.size))]
  if (task === undefined) return
  policy.served?.(task, { inputTokens: 0, outputTokens: source.below(100) }, now)
  if (source.below(2) === 0) return
  policy.served?.(task, { inputTokens: -source.below(task.inputTokens), outputTokens: 0 }, now)
  policy.settled?.(task, now)
  running.delete(task)
}

function removesAnywhere(definition: PolicyDefinition): void {
  const policy = definition.create(LANE)
  const tasks = filled(policy, 60)
  const gone = tasks.filter((_, at) => at === 0 || at === 59 || at % 3 === 1)
  for (const task of gone) check(policy.remove(task), `Expected remove to find task ${task.id}.`)
  for (const task of gone)
    check(!policy.remove(task), `Expected remove to say that task ${task.id} is not there any more.`)
  check(!policy.remove(new Source().task(0)), 'Expected remove to say that it never had a task.')
  checkSame(
    drained(policy, 60),
    tasks.filter((task) => !gone.includes(task)),
  )
}

/** What was taken out can come back, also with another priority: that is how `setPriority` works. */
function comesBack(definition: PolicyDefinition): void {
  const policy = definition.create(LANE)
  const tasks = filled(policy, 20)
  for (const task of tasks.slice(5, 15)) {
    policy.remove(task)
    task.priority = (task.priority + 3) % PRIORITY_CLASSES
    policy.enqueue(task, 20)
  }
  const [first] = drained(policy, 20)
  check(first !== undefined, 'Expected the tasks that came back.')
  policy.enqueue(first, 21)
  check(policy.size === 1 && next(policy, 21) === first, 'Expected a task that was served to be taken in again.')
}

function apart(definition: PolicyDefinition): void {
  const [one, other] = [definition.create(LANE), definition.create({ id: 'other', concurrency: 4 })]
  const tasks = filled(one, 10)
  check(other.size === 0 && other.dequeue(10) === undefined, 'Expected two lanes of one definition to share nothing.')
  check(!other.remove(tasks[0] as Task), 'Expected a policy not to find a task of another lane.')
  checkSame(drained(one, 10), tasks)
}

function repeatable(definition: PolicyDefinition): void {
  const order = (): string => {
    const policy = definition.create(LANE)
    filled(policy, 300)
    return drained(policy, BOUND_MS / 2)
      .map((task) => task.id)
      .join()
  }
  check(
    order() === order(),
    'Expected the same order from the same tasks and times: a policy reads no clock and rolls no dice.',
  )
}

/** Lets the least urgent task wait while a more urgent, younger one comes for each that is served. */
function bounded(definition: PolicyDefinition): void {
  const policy = definition.create(LANE)
  const source = new Source()
  const old = source.task(0, 0)
  policy.enqueue(old, 0)
  for (let now = STEP_MS; now <= BOUND_MS + STEP_MS; now += STEP_MS) {
    policy.enqueue(source.task(now, PRIORITY_CLASSES - 1), now)
    if (next(policy, now) === old) return
  }
  throw new Error(`Expected a task to wait at most ${BOUND_MS} ms for younger ones.`)
}

/** Lets a policy that knows how give way, over and over; it must give up the lowest class first, and nothing that is not below. */
function yields(definition: PolicyDefinition): void {
  const policy = definition.create(LANE)
  if (policy.yield === undefined) return
  const held = new Set<Task>(filled(policy, 60))
  for (const below of [1, 4, PRIORITY_CLASSES]) {
    for (let task = policy.yield(below); task !== undefined; task = policy.yield(below)) {
      check(held.delete(task), `Expected yield to return a task that waits, once; got ${task.id}.`)
      const { priority } = task
      check(
        priority < below,
        `Expected yield(${below}) to return a task of a lower class, got one of class ${priority}.`,
      )
      check(
        [...held].every((other) => other.priority >= priority),
        'Expected yield to begin with the lowest class.',
      )
    }
    check(
      [...held].every((task) => task.priority >= below),
      `Expected yield(${below}) to give up all that is below.`,
    )
    check(policy.size === held.size, `Expected size ${held.size}, got ${policy.size}.`)
  }
}

const CASES: Readonly<Record<string, (definition: PolicyDefinition) => void>> = {
  'is immutable, has a name, and makes an empty queue': emptyAtFirst,
  'returns every task once: nothing is lost or doubled': nothingLost,
  'is work conserving, and its size is exact after every operation': exact,
  'removes a task wherever it stands, and only one that it holds': removesAnywhere,
  'takes a task in again that it gave away, also with another priority': comesBack,
  'gives up the lowest class first, if it gives way at all': yields,
  'keeps the lanes it is made for apart': apart,
  'decides by tasks and times alone': repeatable,
  'lets no task wait for younger ones without end': bounded,
}

/**
 * Returns the cases that every scheduling policy must pass. One that holds tasks back (`wakeAt`) is asked again at the time
 * that it names; one that gives way (`yield`) must give up the lowest class.
 *
 * @param definition - the policy with the settings to test; its ageing must not be slower than the default
 * @example
 * ```ts
 * import { fifo } from '@aios/kernel'
 * import { policyConformance } from '@aios/kernel/testing'
 *
 * for (const { name, run } of policyConformance(fifo())) {
 *   await run()
 *   console.log(name)
 * }
 * ```
 */
export function policyConformance(definition: PolicyDefinition): readonly ConformanceCase[] {
  return Object.entries(CASES).map(([name, test]) => ({
    name,
    run: async () => {
      test(definition)
    },
  }))
}
