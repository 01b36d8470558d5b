import { PRIORITY_CLASSES } from '../../limits.js'

/** Remembers which of the 8 priority classes hold tasks, one bit each, so that the highest is found at once. */
export class ClassBitmap {
  #bits = 0

  add(priority: number): void {
    this.#bits |= 1 << priority
  }

  delete(priority: number): void {
    this.#bits &= ~(1 << priority)
  }

  /** Returns the highest class that holds tasks, or -1. */
  highest(): number {
    return 31 - Math.clz32(this.#bits)
  }

  /** Returns the lowest class that holds tasks, or -1. */
  lowest(): number {
    return 31 - Math.clz32(this.#bits & -this.#bits)
  }

  /** Tells whether only the highest class holds tasks, so that nothing can have aged past it. */
  single(): boolean {
    return (this.#bits & (this.#bits - 1)) === 0
  }

  has(priority: number): boolean {
    return (this.#bits & (1 << priority)) !== 0
  }
}

/**
 * Chooses the class to serve. A task rises one class for every `ageingMs` it has waited, at most to the top; among
 * equals the oldest goes first. So no task waits for younger ones longer than `8 * ageingMs`.
 *
 * @param bitmap - the classes that hold tasks
 * @param oldestAt - when the oldest task of a class began to wait
 * @returns the class, or -1 if all are empty
 */
export function chooseClass(
  bitmap: ClassBitmap,
  oldestAt: (priority: number) => number,
  ageing: { now: number; ms: number },
): number {
  const top = bitmap.highest()
  if (top < 0 || bitmap.single()) return top
  let chosen = top
  let best = rise(top, oldestAt(top), ageing)
  for (let priority = top - 1; priority >= 0; priority -= 1) {
    if (!bitmap.has(priority)) continue
    const risen = rise(priority, oldestAt(priority), ageing)
    if (risen > best || (risen === best && risen > priority && oldestAt(priority) < oldestAt(chosen))) {
      chosen = priority
      best = risen
    }
  }
  return chosen
}

function rise(priority: number, since: number, ageing: { now: number; ms: number }): number {
  const steps = Math.floor((ageing.now - since) / ageing.ms)
  return Math.min(PRIORITY_CLASSES - 1, priority + Math.max(0, steps))
}
