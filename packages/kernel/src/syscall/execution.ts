import type { Syscall } from './syscall.js'

/** Returns the milliseconds that a call was on its device, in all its slices, up to `now`. */
export function executionMs({ startedAt, extras }: Syscall, now: number): number {
  return (startedAt === undefined ? 0 : now - startedAt) + (extras?.context?.ranMs ?? 0)
}

/** Returns when a call first got on its device in its last attempt; undefined if it did not. */
export function firstStartOf({ startedAt, extras }: Syscall): number | undefined {
  return extras?.context?.firstStart ?? startedAt
}
