import type { Syscall } from '../syscall/syscall.js'
import { asMade } from './made-call.js'
import { isWithin } from './journal-scope.js'
import type { Step } from './recorded-run.js'
import { restored } from './value-codec.js'

/** Does again, once each, what calls of an earlier life did besides what they were answered: they spawned a process. */
export class ReplayedSpawns {
  readonly #done = new Set<Syscall>()

  /** Does it for a call that is answered. */
  spawn(call: Syscall, result: unknown): void {
    if (!this.#done.delete(call)) call.row.replayed?.(call, result)
  }

  /**
   * Does it for those that are to be answered only after something that was made under them: hooks kept their answer back
   * while the process already ran. Returns whether there were any.
   */
  spawnBefore(step: Step, asked: Iterable<Syscall>): boolean {
    let any = false
    for (const call of asked) {
      const entry = call.record?.entry
      if (call.row.replayed === undefined || entry?.outcome !== 'fulfilled' || entry.made === null) continue
      if (this.#done.has(call) || !step.some(({ n, path }) => n < entry.n && isWithin(path, entry.path))) continue
      this.#done.add(call)
      asMade(call, entry.made)
      call.row.replayed(call, restored(entry.result))
      any = true
    }
    return any
  }
}
