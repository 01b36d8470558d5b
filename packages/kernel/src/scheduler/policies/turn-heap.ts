/** Is what stands in a {@link TurnHeap}: the least `key` first, the least `tie` among equals. */
export interface Turn {
  key: number
  /** Tells equals apart, so that the order is the same in every run. */
  tie: number
  /** Where it stands in its heap, -1 outside; written by the heap alone. */
  at: number
}

/** Is a binary heap that finds, adds, moves and removes in O(log n), because each turn knows where it stands. */
export class TurnHeap<T extends Turn> {
  readonly #turns: T[] = []

  get size(): number {
    return this.#turns.length
  }

  /** The turn that comes first, or undefined. */
  get first(): T | undefined {
    return this.#turns[0]
  }

  push(turn: T): void {
    turn.at = this.#turns.length
    this.#turns.push(turn)
    this.#rise(turn)
  }

  /** Puts a turn of this heap in its place after its key or tie changed. */
  moved(turn: T): void {
    const { at } = turn
    this.#rise(turn)
    if (turn.at === at) this.#sink(turn)
  }

  remove(turn: T): void {
    const last = this.#turns.pop() as T
    if (last !== turn) {
      last.at = turn.at
      this.#turns[last.at] = last
      this.moved(last)
    }
    turn.at = -1
  }

  #rise(turn: T): void {
    const turns = this.#turns
    let at = turn.at
    while (at > 0) {
      const above = turns[(at - 1) >> 1] as T
      if (!before(turn, above)) break
      turns[at] = above
      above.at = at
      at = (at - 1) >> 1
    }
    turns[at] = turn
    turn.at = at
  }

  #sink(turn: T): void {
    const turns = this.#turns
    let at = turn.at
    for (let below = 2 * at + 1; below < turns.length; below = 2 * at + 1) {
      const right = turns[below + 1]
      if (right !== undefined && before(right, turns[below] as T)) below += 1
      const next = turns[below] as T
      if (!before(next, turn)) break
      turns[at] = next
      next.at = at
      at = below
    }
    turns[at] = turn
    turn.at = at
  }
}

function before(one: Turn, other: Turn): boolean {
  return one.key < other.key || (one.key === other.key && one.tie < other.tie)
}
