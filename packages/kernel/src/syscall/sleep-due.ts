import type { ClockSleepRequest } from './sys.js'
import type { Syscall } from './syscall.js'

/** Latest time that a `Date` can tell. */
export const LATEST_TIME = 8_640_000_000_000_000

/** Says when a sleep is over: as an earlier life of its run said, else counted from when it was asked for. */
export function sleepDue(call: Syscall): number {
  const { ms = 0, until } = call.request as Partial<Record<keyof ClockSleepRequest, number>>
  return call.record?.opened?.dueAt ?? Math.min(LATEST_TIME, until ?? call.createdAt + ms)
}
