import type { Sys } from '@aios/kernel'
import type { ToolDriver } from '@aios/kernel/driver'
import { fakeDriverCall, fakeDriverServices, virtualClock, type VirtualClock } from '@aios/kernel/testing'
import { tools, type Tool } from '@aios/tools'

/** Is an open tool device on a clock that stands still. */
export interface OpenTools {
  readonly driver: ToolDriver
  readonly clock: VirtualClock
  /** Lines that the device logged. */
  readonly log: { readonly message: string; readonly fields: unknown }[]
  /** Prepares and runs one call, as the kernel does. */
  call(name: string, input?: unknown, more?: { signal?: AbortSignal; sys?: Sys }): Promise<unknown>
}

/** Opens tools for a test. */
export function openTools(list: readonly Tool[], startAt = 0): OpenTools {
  const clock = virtualClock(startAt)
  const driver = tools(list)
  const log: { message: string; fields: unknown }[] = []
  const services = fakeDriverServices(clock)
  const warn = (message: string, fields: unknown) => void log.push({ message, fields })
  void driver.open?.({ ...services, log: { ...services.log, warn } })
  return {
    driver,
    clock,
    log,
    async call(name, input = {}, more = {}) {
      const call = fakeDriverCall(more)
      const prepared = await driver.prepare(driver.resolve(name).name, input, call)
      return prepared.run(call)
    },
  }
}

/** Returns what a promise rejects with; fails if it does not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('Expected a rejection, got a result.')
}

/** Returns what a function throws; fails if it does not. */
export function thrown(run: () => unknown): Error & { readonly code?: string } {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('Expected an error, got a result.')
}
