/** Deeper than this may be a cycle; the structured clone algorithm knows what to do with those. */
const MOST_LEVELS = 64
/** Objects of a value that are looked at before it counts whether one stands at several places. */
const MOST_OBJECTS = 10_000

/** Finds out whether JSON gives a value back exactly as it is. Made for one value. */
export class JsonCheck {
  #objects = 0
  #seen: Set<object> | undefined

  /** Throws what a getter of the value throws. */
  passes(value: unknown, level = 0): boolean {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return true
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
      case 'object':
        return value === null || (level <= MOST_LEVELS && this.#isNew(value) && this.#holdsOnlyJson(value, level))
      default:
        return false
    }
  }

  /** JSON would write an object out at each of its places, and a few objects can stand at more of them than there is room for. */
  #isNew(value: object): boolean {
    this.#objects += 1
    if (this.#objects <= MOST_OBJECTS) return true
    this.#seen ??= new Set()
    return this.#seen.size !== this.#seen.add(value).size
  }

  #holdsOnlyJson(value: object, level: number): boolean {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) if (!this.passes(value[index], level + 1)) return false
      // What stands in it besides its items, JSON would drop.
      return Object.keys(value).length === value.length
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false
    for (const key in value) if (!this.passes((value as Record<string, unknown>)[key], level + 1)) return false
    return true
  }
}
