import type { DriverCall } from '../driver/device-driver.js'
import type { RateSignal } from '../limiter/rate-signal.js'
import type { Sys } from './sys.js'
import { STATE, type Syscall } from './syscall.js'

/** Shows a call to the driver that serves it; signal and sys are made when the driver first reads them. */
export class DriverCallView implements DriverCall {
  readonly #call: Syscall

  constructor(call: Syscall) {
    this.#call = call
  }

  get id(): number {
    return this.#call.id
  }

  get pid(): number {
    return this.#call.owner.pid
  }

  get agent(): string {
    return this.#call.owner.name
  }

  get namespace(): string {
    return this.#call.owner.namespace
  }

  get runId(): string {
    return this.#call.owner.runId
  }

  get key(): string | undefined {
    const { record, extras } = this.#call
    if (extras?.undoes !== undefined) return `${extras.undoes.id}/undo`
    return record === undefined || record.run.seed.traced ? undefined : record.run.idOf(record.path)
  }

  get signal(): AbortSignal {
    const extras = this.#call.rare()
    if (extras.controller === undefined) {
      extras.controller = new AbortController()
      if (this.#call.state === STATE.settled) extras.controller.abort(extras.cancelledBy)
    }
    return extras.controller.signal
  }

  observe(signal: RateSignal): void {
    this.#call.lane?.gate?.observe(signal, this.#call)
  }

  get sys(): Sys {
    const { kernel, process, unhooked } = this.#call.caller
    return kernel.makeSys({ kernel, process, parent: this.#call, unhooked })
  }
}
