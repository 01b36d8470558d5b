import type { MemoryDriver } from '@aios/kernel/driver'
import { fakeDriverCall, type VirtualClock } from '@aios/kernel/testing'

/** Is what a case gets: an open driver whose methods always return promises, on a clock that the case turns. */
export interface MemoryGround {
  readonly add: Promised<MemoryDriver['add']>
  readonly get: Promised<MemoryDriver['get']>
  readonly update: Promised<MemoryDriver['update']>
  readonly remove: Promised<MemoryDriver['remove']>
  readonly retrieve: Promised<MemoryDriver['retrieve']>
  readonly clock: VirtualClock
  /** Makes the calls that have this key, which begins with the id of a run and a slash. */
  keyed(key: string): Pick<MemoryGround, 'add' | 'update' | 'remove'>
  /** Closes the driver and opens another one on the same record store. */
  reopen(): Promise<void>
  /** Tells the driver that a run has ended; undefined if it does not want to know. */
  readonly forget: ((runId: string) => Promise<void>) | undefined
}

/** Is a driver method without its second argument, whose throw is a rejection. */
export type Promised<M> = M extends (request: infer Req, call: never) => infer Res
  ? (request: Req) => Promise<Awaited<Res>>
  : never

/** Is one case before it has a driver to run on. */
export interface MemoryCase {
  readonly name: string
  /** Whether it is only for drivers whose notes outlive `close`. */
  readonly reopens?: boolean
  run(memory: MemoryGround): Promise<void>
}

/** Is the driver that a case runs on now. */
export interface CurrentMemory {
  driver: MemoryDriver
  readonly clock: VirtualClock
  readonly reopen: () => Promise<void>
}

/** Wraps an open driver, so that what it throws at once is a rejection too. */
export function groundOf(current: CurrentMemory): MemoryGround {
  const { clock, reopen } = current
  const methods = (key?: string): Omit<MemoryGround, 'keyed' | 'reopen' | 'clock' | 'forget'> => {
    const call = fakeDriverCall({ key })
    return {
      add: async (request) => current.driver.add(request, call),
      get: async (request) => current.driver.get(request, call),
      update: async (request) => current.driver.update(request, call),
      remove: async (request) => current.driver.remove(request, call),
      retrieve: async (request) => current.driver.retrieve(request, call),
    }
  }
  return {
    ...methods(),
    clock,
    keyed: methods,
    reopen,
    forget: current.driver.forget === undefined ? undefined : async (runId) => current.driver.forget?.(runId),
  }
}
