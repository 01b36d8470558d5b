import type { DriverCall, DriverServices } from '../driver/device-driver.js'
import type { Clock } from '../time/clock.js'
import { ramRecords } from '../record/ram-records.js'
import type { RecordStore } from '../record/record-store.js'
import { systemClock } from '../time/system-clock.js'
import type { Sys } from '../syscall/sys.js'

/**
 * Is one case of a conformance suite. Suites are plain data, so that they run under any test runner:
 * `for (const c of memoryConformance(make)) it(c.name, c.run)`.
 */
export interface ConformanceCase {
  /** A sentence of behaviour. */
  readonly name: string
  run(): Promise<void>
}

/** Says what a {@link fakeDriverCall} differs in from the default. */
export interface FakeDriverCall {
  readonly pid?: number | undefined
  readonly agent?: string | undefined
  readonly namespace?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly sys?: Sys | undefined
  /** Takes what the driver says of its provider's limits. Default: forgets it. */
  readonly observe?: DriverCall['observe'] | undefined
}

/**
 * Makes the second argument of a driver method for calling a driver without a kernel.
 * Its `sys` throws on first use unless you give one.
 */
export function fakeDriverCall(given: FakeDriverCall = {}): DriverCall {
  return {
    id: 1,
    pid: given.pid ?? 1,
    agent: given.agent ?? 'test',
    namespace: given.namespace ?? 'test',
    runId: 'test-run',
    signal: given.signal ?? new AbortController().signal,
    observe: given.observe ?? (() => undefined),
    get sys(): Sys {
      if (given.sys === undefined) throw new Error('This fake call has no sys: pass one to fakeDriverCall({ sys }).')
      return given.sys
    },
  }
}

/**
 * Makes the argument of `driver.open` for opening a driver without a kernel; logs nothing.
 *
 * @param clock - default: the system's
 * @param records - a store that is open. Default: one of its own in RAM
 */
export function fakeDriverServices(clock: Clock = systemClock, records: RecordStore = openRam()): DriverServices {
  const quiet = (): void => undefined
  return { clock, log: { debug: quiet, info: quiet, warn: quiet, error: quiet }, records }
}

function openRam(): RecordStore {
  const records = ramRecords()
  // It is open as soon as it is asked for, and nobody can say no.
  void records.open()
  return records
}

/** Throws unless `condition` holds; for conformance cases, which must not depend on an assertion library. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** Throws unless `promise` rejects with an error of this code; returns the error. */
export async function checkRejects(promise: PromiseLike<unknown>, code: string): Promise<Error> {
  try {
    await promise
  } catch (error) {
    check(error instanceof Error, `Expected an Error with code ${code}, got ${String(error)}.`)
    check(
      (error as { code?: unknown }).code === code,
      `Expected code ${code}, got ${String((error as { code?: unknown }).code)}: ${error.message}`,
    )
    return error
  }
  throw new Error(`Expected a rejection with code ${code}, got a result.`)
}
