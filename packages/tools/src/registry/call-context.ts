import type { Clock, Sys } from '@aios/kernel'
import type { DriverCall } from '@aios/kernel/driver'
import type { ToolContext } from './tool.js'

/**
 * Is the context of one run. The tool's signal is made when the tool first asks for it: most tools never do.
 */
export class CallContext implements ToolContext {
  readonly clock: Clock
  readonly #call: DriverCall
  #controller: AbortController | undefined
  #unlink: (() => void) | undefined
  #isOver = false
  #reason: unknown

  constructor(call: DriverCall, clock: Clock) {
    this.#call = call
    this.clock = clock
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#linked()
    return this.#controller.signal
  }

  get sys(): Sys {
    return this.#call.sys
  }

  get callId(): number {
    return this.#call.id
  }

  get key(): string | undefined {
    return this.#call.key
  }

  get agent(): string {
    return this.#call.agent
  }

  get pid(): number {
    return this.#call.pid
  }

  /** Aborts the tool's signal, now or when it is first asked for. */
  abort(reason: unknown): void {
    this.#isOver = true
    this.#reason = reason
    this.#controller?.abort(reason)
  }

  /** Lets go of the caller's signal. */
  end(): void {
    this.#unlink?.()
    this.#unlink = undefined
  }

  #linked(): AbortController {
    const controller = new AbortController()
    if (this.#isOver) {
      controller.abort(this.#reason)
      return controller
    }
    const { signal } = this.#call
    const onAbort = (): void => {
      controller.abort(signal.reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    this.#unlink = () => {
      signal.removeEventListener('abort', onAbort)
    }
    return controller
  }
}
