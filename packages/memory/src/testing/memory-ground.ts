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
}

/** Is a driver method without its second argument, whose throw is a rejection. */
export type Promised<M> = M extends (request: infer Req, call: never) => infer Res
  ? (request: Req) => Promise<Awaited<Res>>
  : never

/** Is one case before it has a driver to run on. */
export interface MemoryCase {
  readonly name: string
  run(memory: MemoryGround): Promise<void>
}

/** Wraps an open driver, so that what it throws at once is a rejection too. */
export function groundOf(driver: MemoryDriver, clock: VirtualClock): MemoryGround {
  const call = fakeDriverCall()
  return {
    add: async (request) => driver.add(request, call),
    get: async (request) => driver.get(request, call),
    update: async (request) => driver.update(request, call),
    remove: async (request) => driver.remove(request, call),
    retrieve: async (request) => driver.retrieve(request, call),
    clock,
  }
}
