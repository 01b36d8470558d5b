import type { Lane } from './lane.js'

/** Keeps the lanes of a kernel by id, and the LLM lanes in the order their cores were added. */
export class LaneTable {
  readonly #lanes = new Map<string, Lane>()
  #llm: readonly Lane[] = []

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

  all(): readonly Lane[] {
    return [...this.#lanes.values()]
  }
}
