import { AiosError } from '../error/aios-error.js'
import type { Sys } from '../syscall/sys.js'

/** Returns the syscalls that a step makes, or says that it was given none. */
export function needsKernel(sys: Sys | undefined, step: string): Sys {
  if (sys !== undefined) return sys
  throw new AiosError(
    'AIOS_INVALID_OPTION',
    `${step} makes syscalls. Expected { sys } among the options of fitContext(), got none; kernel.sys() returns one.`,
  )
}
