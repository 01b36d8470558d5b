import type { Lane } from './lane.js'
import type { PolicyDefinition, TaskOwner } from './policy.js'
import { hybrid } from './policies/hybrid.js'
import { roundRobin } from './policies/round-robin.js'

/** Keeps the lanes of a kernel by id, the LLM lanes in the order their cores were added, and what policy each is to have. */
export class LaneTable {
  readonly #lanes = new Map<string, Lane>()
  #llm: readonly Lane[] = []
  /** What was said last about a lane or about all cores; lanes that are not there yet will have it too. */
  readonly #policies: Map<string, PolicyDefinition>

  /** @param policies - policies by lane id; `llm` for the cores that have none of their own */
  constructor(policies: Readonly<Record<string, PolicyDefinition>> = {}) {
    this.#policies = new Map(Object.entries(policies))
  }

  /** The lanes of the cores. */
  get llm(): readonly Lane[] {
    return this.#llm
  }

  get(id: string): Lane | undefined {
    return this.#lanes.get(id)
  }

  add(lane: Lane): void {
    this.#lanes.set(lane.id, lane)
    if (lane.device.kind === 'llm') this.#llm = [...this.#llm, lane]
  }

  delete(lane: Lane): void {
    this.#lanes.delete(lane.id)
    this.#llm = this.#llm.filter((each) => each !== lane)
  }

  /** Returns the lanes that an id means: `llm` all cores, otherwise the one lane. */
  matching(id: string): readonly Lane[] {
    if (id === 'llm') return this.#llm
    const lane = this.#lanes.get(id)
    return lane === undefined ? [] : [lane]
  }

  /** Returns the policy that a lane of this id is to have. */
  policyOf(id: string): PolicyDefinition {
    return this.#policies.get(id) ?? (isCore(id) ? (this.#policies.get('llm') ?? hybrid()) : roundRobin())
  }

  /** Gives the lanes that an id means a policy, those that are there and those that are added later. */
  setPolicy(id: string, definition: PolicyDefinition): void {
    if (id === 'llm') for (const each of this.#policies.keys()) if (isCore(each)) this.#policies.delete(each)
    this.#policies.set(id, definition)
    for (const lane of this.matching(id)) lane.setPolicy(definition)
  }

  /** Lets the policies of all lanes forget a process that has ended. */
  forget(owner: TaskOwner): void {
    for (const lane of this.#lanes.values()) lane.forget(owner)
  }

  all(): readonly Lane[] {
    return [...this.#lanes.values()]
  }
}

function isCore(id: string): boolean {
  return id.startsWith('llm/')
}
