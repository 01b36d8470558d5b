import { AiosError } from '../error/aios-error.js'
import type { HookCall } from './hook.js'
import type { Sys } from './sys.js'
import type { Syscall } from './syscall.js'

/** Shows a call to a hook. Hooks of the kernel itself get from it to the call. */
export class HookCallView implements HookCall {
  readonly id: number
  readonly name: string
  readonly pid: number
  readonly agent: string
  readonly request: unknown
  readonly #call: Syscall

  constructor(call: Syscall) {
    this.#call = call
    this.id = call.id
    this.name = call.row.name
    this.pid = call.owner.pid
    this.agent = call.owner.name
    this.request = call.request
  }

  get sys(): Sys {
    const { kernel } = this.#call.caller
    return kernel.makeSys({ kernel, process: this.#call.owner, parent: this.#call, unhooked: true })
  }

  /** Returns the call that a hook was shown. */
  static callOf(shown: HookCall): Syscall {
    if (#call in shown) return shown.#call
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      'Expected the call as the kernel showed it to the hook, got a copy of it.',
    )
  }
}
