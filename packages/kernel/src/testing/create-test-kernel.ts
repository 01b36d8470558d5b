import { createKernel } from '../kernel.js'
import type { Kernel } from '../kernel-api.js'
import type { KernelOptions } from '../kernel-options.js'
import { virtualClock, type VirtualClock } from './virtual-clock.js'

/** Is a kernel whose time a test turns. */
export interface TestKernel extends Kernel {
  readonly clock: VirtualClock
}

/**
 * Makes a kernel on a virtual clock, so that deadlines, time limits and scripted latencies pass only when the test says so.
 *
 * @param options - those of `createKernel`; a `clock` must be a virtual one
 * @example
 * ```ts
 * import { createTestKernel } from '@aios/kernel/testing'
 *
 * const kernel = await createTestKernel()
 * await kernel.clock.advance(1_000)
 * await kernel.close()
 * ```
 */
export async function createTestKernel(
  options: KernelOptions & { readonly clock?: VirtualClock } = {},
): Promise<TestKernel> {
  const clock = options.clock ?? virtualClock()
  const kernel = await createKernel({ ...options, clock })
  return Object.assign(kernel, { clock })
}
