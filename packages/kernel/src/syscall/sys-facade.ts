import { AiosError } from '../error/aios-error.js'
import type { Caller } from './caller.js'
import { openStream } from './chat/open-stream.js'
import type { Sys, SyscallOptions } from './sys.js'
import { Syscall } from './syscall.js'
import type { TableRow } from './syscall-row.js'
import type { SyscallTable } from './table.js'
import { trap } from './trap.js'

/** Makes the syscall interface of a caller. */
export type MakeSys = (caller: Caller) => Sys

/** Makes one call, or opens one stream. */
function invoke(call: Syscall, options: SyscallOptions | undefined): unknown {
  return call.row.returns === 'stream' ? openStream(call, options) : trap(call, options)
}

type Family = Readonly<Record<string, (request?: unknown, options?: SyscallOptions) => unknown>>

/** Makes the class of one family: a method for each verb. The caller is private, so an agent cannot reach the kernel by it. */
function familyClass(rows: readonly TableRow[]): new (caller: Caller) => Family {
  class SyscallFamily {
    readonly #caller: Caller

    constructor(caller: Caller) {
      this.#caller = caller
    }

    static define(row: TableRow): void {
      const verb = row.name.slice(row.name.indexOf('.') + 1)
      Object.defineProperty(this.prototype, verb, {
        value(this: SyscallFamily, request: unknown, options?: SyscallOptions) {
          return invoke(new Syscall(this.#caller, row, request), options)
        },
      })
    }
  }
  for (const row of rows) SyscallFamily.define(row)
  return SyscallFamily as unknown as new (caller: Caller) => Family
}

/** Builds, once a kernel, what makes a `Sys`: its families come straight from the rows of the syscall table. */
export function sysFactory(table: SyscallTable): MakeSys {
  const families = [...table.families()].map(([name, rows]) => ({ name, Family: familyClass(rows) }))

  class SysFacade {
    readonly #caller: Caller
    readonly #families: Record<string, Family> = {}

    constructor(caller: Caller) {
      this.#caller = caller
    }

    get pid(): number {
      return this.#caller.process.pid
    }

    get signal(): AbortSignal {
      const { process } = this.#caller
      process.abort ??= new AbortController()
      if (process.end !== undefined && !process.abort.signal.aborted) process.abort.abort(process.end.callError())
      return process.abort.signal
    }

    call(name: string, request?: unknown, options?: SyscallOptions): Promise<unknown> {
      const row = table.find(name)
      if (row === undefined) {
        const error = new AiosError(
          'AIOS_UNKNOWN_SYSCALL',
          `Expected one of ${table.names().join(', ')}, got "${String(name)}".`,
        )
        return Promise.reject(error)
      }
      return Promise.resolve(invoke(new Syscall(this.#caller, row, request), options))
    }

    static define(name: string, FamilyClass: new (caller: Caller) => Family): void {
      Object.defineProperty(this.prototype, name, {
        enumerable: true,
        get(this: SysFacade) {
          return (this.#families[name] ??= new FamilyClass(this.#caller))
        },
      })
    }
  }
  for (const { name, Family } of families) SysFacade.define(name, Family)
  return (caller) => new SysFacade(caller) as unknown as Sys
}
