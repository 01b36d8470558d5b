import type { CloseFailure } from '../driver/device-manager.js'
import { AiosError } from '../error/aios-error.js'
import type { KernelParts } from '../kernel-facade.js'
import type { CloseOptions } from '../kernel-options.js'
import type { KernelState } from '../kernel-state.js'
import { endProcesses } from '../process/end-process.js'
import { killed } from '../process/process-end.js'

/**
 * Ends a kernel: with `drain` lets the processes end first, then ends those that are left, waits until the drivers let go
 * of their calls, closes the drivers and then the record store, and tells so.
 */
export async function closeKernel({ state, devices, ready }: KernelParts, options: CloseOptions): Promise<void> {
  if (options.drain === true) await drained(state, options.timeoutMs)
  const error = new AiosError('AIOS_CLOSED', 'The kernel is closed.')
  state.closed = error
  endProcesses(state, state.processes.living(), () => killed(error))
  state.settleDown()
  ready.close()
  const mostMs = Math.max(state.limits.closeAfterMs, state.limits.abandonAfterMs)
  const failures = [...(await devices.close(mostMs)), ...(await closeRecords(state, mostMs))]
  for (const { device, error: failure } of failures) {
    state.log.error('driver failed to close', { device, error: failure })
    state.hub.push('driver:failed', { device, message: String(failure), at: state.clock.now() })
  }
  state.wheel.close()
  state.hub.push('kernel:closed', { at: state.clock.now() })
  state.hub.close()
}

/** Closes the record store, and waits at most `timeoutMs` for it. */
async function closeRecords({ records, wheel }: KernelState, timeoutMs: number): Promise<readonly CloseFailure[]> {
  const failed = (error: unknown): readonly CloseFailure[] => [{ device: 'records', error }]
  return new Promise((resolve) => {
    const timer = wheel.set(timeoutMs, true, () => {
      resolve(failed(new Error(`The record store did not close within ${timeoutMs} ms.`)))
    })
    void records
      .close()
      .then(() => [], failed)
      .then((failures) => {
        wheel.cancel(timer)
        resolve(failures)
      })
  })
}

/** Waits until every process that runs an agent has ended, at most `timeoutMs`. */
async function drained(state: KernelState, timeoutMs: number | undefined): Promise<void> {
  const agents = (): boolean => state.processes.living().some(({ runsAgent }) => runsAgent)
  if (!agents()) return
  await new Promise<void>((resolve) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : state.wheel.set(timeoutMs, true, () => {
            done()
          })
    const off = state.hub.on('process:exited', () => {
      if (!agents()) done()
    })
    const done = (): void => {
      off()
      if (timer !== undefined) state.wheel.cancel(timer)
      resolve()
    }
  })
}
