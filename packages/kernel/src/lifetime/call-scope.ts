import { AsyncLocalStorage } from 'node:async_hooks'
import type { Syscall } from '../syscall/syscall.js'

/** Is what the kernel remembers about the code that runs: the call it serves, and whether it is a hook. */
export interface ScopeEntry {
  readonly call: Syscall
  readonly hook: boolean
}

/**
 * Carries the call that a tool serves, or that a hook looks into, through that code's async context. So `kernel.run` inside
 * a tool becomes its child, and a hook does not see its own syscalls. One for each kernel.
 */
export class CallScope {
  readonly #storage = new AsyncLocalStorage<ScopeEntry>()
  #used = false

  /** Runs code that serves a call. */
  enter<T>(entry: ScopeEntry, run: () => T): T {
    this.#used = true
    return this.#storage.run(entry, run)
  }

  /** Returns the innermost entry around the running code. Costs nothing before the first `enter`. */
  get current(): ScopeEntry | undefined {
    return this.#used ? this.#storage.getStore() : undefined
  }
}
