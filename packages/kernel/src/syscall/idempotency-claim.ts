import type { KernelState } from '../kernel-state.js'
import type { Wait } from '../process/wait-of.js'
import type { Captured } from '../journal/value-codec.js'
import type { Syscall } from './syscall.js'

/** Is what a call was given to be known by. */
export interface IdempotencyKey {
  readonly key: string
  /** The request as it was made. */
  readonly request: Captured
}

/** Is what takes the outcome of the call that runs. */
export interface ClaimHost {
  readonly kernel: KernelState
  /** Takes what the call that runs came to, and delivers that later itself. */
  ran(claim: IdempotencyClaim, call: Syscall, outcome: { readonly fulfilled: boolean; readonly value: unknown }): void
  /** Is told that nobody wants it any more. */
  deserted(claim: IdempotencyClaim): void
}

/**
 * Is all that is outstanding under one idempotency key: one call that runs, and those that wait for what it comes to. While it
 * is `asking`, the store is looked up; while it is `saving`, the outcome is written.
 */
export class IdempotencyClaim {
  readonly id: Buffer
  readonly digest: string
  phase: 'asking' | 'running' | 'saving' = 'asking'
  /** Whether a call ran for it: then the first that gets the outcome counts as the one that was executed. */
  hasRun = false
  /** Durable id of the call that was executed for what is kept. */
  by: string | undefined = undefined
  readonly #host: ClaimHost
  #leader: Syscall | undefined
  readonly #joiners = new Set<Syscall>()

  constructor(host: ClaimHost, { id, digest }: { readonly id: Buffer; readonly digest: string }) {
    this.#host = host
    this.id = id
    this.digest = digest
  }

  /** Takes a call in: the first is the one that runs. */
  join(call: Syscall): void {
    call.rare().claim = this
    if (this.#leader === undefined && this.phase !== 'saving') this.#leader = call
    else this.#joiners.add(call)
  }

  /** Lets the first call run, if there still is one. */
  run(): void {
    this.phase = 'running'
    if (this.#leader === undefined) this.#host.deserted(this)
    else this.#host.kernel.awakened.push(this.#leader)
  }

  /** Is told of an outcome of a call before that is delivered; returns whether it delivers it later itself. */
  take(call: Syscall, fulfilled: boolean, value: unknown): boolean {
    if (call === this.#leader && this.phase === 'running') {
      this.#host.ran(this, call, { fulfilled, value })
      return true
    }
    this.left(call)
    return false
  }

  /** Is told that a call wants no outcome any more. If it was the one that runs, the next takes its place, and runs anew. */
  left(call: Syscall): void {
    call.rare().claim = undefined
    if (this.#joiners.delete(call) || call !== this.#leader) return
    this.#leader = undefined
    if (this.phase === 'saving') return
    const [next] = this.#joiners
    if (next === undefined) {
      if (this.phase === 'running') this.#host.deserted(this)
      return
    }
    this.#joiners.delete(next)
    this.#leader = next
    if (this.phase === 'running') this.#host.kernel.awakened.push(next)
  }

  /** Lets go of the calls and returns them, the one that ran first. */
  release(): readonly Syscall[] {
    const calls = this.#leader === undefined ? [...this.#joiners] : [this.#leader, ...this.#joiners]
    this.#leader = undefined
    this.#joiners.clear()
    for (const call of calls) call.rare().claim = undefined
    return calls
  }

  /** Says what a call waits for here; nothing if it is the one that runs. */
  waitOf(call: Syscall): Wait | undefined {
    if (this.phase !== 'running') return { what: 'what is kept under its idempotency key', on: [], free: true }
    if (call === this.#leader || this.#leader === undefined) return undefined
    return { what: 'the outcome of its idempotency key', on: [this.#leader], free: false }
  }
}
