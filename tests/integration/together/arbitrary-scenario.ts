/** Random kernels, and random things that happen in them. */
import fc from 'fast-check'
import { fifo, hybrid, leastAttained, priority, roundRobin, type PolicyDefinition } from '@aios/kernel'

const POLICIES: Readonly<Record<string, PolicyDefinition>> = {
  tokens: roundRobin({ quantumTokens: 5 }),
  ms: roundRobin({ quantumMs: 60 }),
  turns: roundRobin(),
  hybrid: hybrid(),
  attained: leastAttained(),
  priority: priority(),
  fifo: fifo(),
  interval: fifo({ batchIntervalMs: 130 }),
}

/** Finds a policy by its name here. */
export const policyOf = (name: string): PolicyDefinition => POLICIES[name] as PolicyDefinition

const policyName = fc.constantFrom(...Object.keys(POLICIES))
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 })

const coreLimits = fc.record({
  concurrency: fc.integer({ min: 1, max: 3 }),
  depth: fc.constantFrom(1, 4, 1_000),
  rpm: maybe(fc.constantFrom(30, 120, 600)),
  tpm: maybe(fc.constantFrom(5_000, 20_000)),
  failures: fc.constantFrom(1, 3, 5),
})
const quota = fc.record({
  rpm: maybe(fc.constantFrom(20, 60)),
  tpm: maybe(fc.constantFrom(5_000, 20_000)),
  concurrency: maybe(fc.integer({ min: 1, max: 2 })),
})
const agent = fc.record({
  kind: fc.constantFrom('chat', 'stream', 'leave', 'tool', 'child', 'slow'),
  core: fc.constantFrom('state', 'prefix'),
  tenant: fc.constantFrom('free', 'paying'),
  priority: fc.integer({ min: 0, max: 7 }),
  tokens: maybe(fc.constantFrom(1_500, 6_000, 20_000)),
  limits: maybe(quota),
  deadlineMs: maybe(fc.constantFrom(300, 2_000)),
  signal: fc.boolean(),
  calls: fc.integer({ min: 1, max: 3 }),
})
/** What a core does to the n-th attempt that it gets: fail at once, in the middle, refuse, stall, or say nothing wrong. */
const fault = fc.constantFrom('none', 'none', 'none', 'server', 'middle', 'limit', 'told', 'bad-save', 'stuck-save')

/** Makes the options of a run. */
export const scenario = fc.record({
  policy: policyName,
  state: coreLimits,
  prefix: coreLimits,
  faults: fc.array(fault, { maxLength: 12 }),
  free: quota,
  hook: fc.constantFrom('none', 'pass', 'race'),
  agents: fc.array(agent, { minLength: 1, maxLength: 7 }),
  close: fc.constantFrom('idle', 'idle', 'idle', 'now', 'drain'),
})

const who = fc.nat(9)

/** Makes one thing that happens. */
export const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 500 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('suspend', 'resume', 'kill', 'raise', 'abort', 'wait'), who }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('policy' as const), policy: policyName }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ready' as const) }) },
)

/** Is what {@link scenario} makes. */
export type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never
/** Is what {@link step} makes. */
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
/** Is one agent of a scenario. */
export type AgentPlan = Scenario['agents'][number]
