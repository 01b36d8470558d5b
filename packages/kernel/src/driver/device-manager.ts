import { AiosError } from '../error/aios-error.js'
import type { DeviceDriver, Devices } from '../kernel-api.js'
import type { LlmRouter } from './llm-router.js'
import type { KernelState } from '../kernel-state.js'
import { rateLimitsOf } from '../limiter/rate-limits.js'
import { DEFAULT_CONCURRENCY } from '../limits.js'
import { batchRowsOf } from '../scheduler/batch/batch-row.js'
import type { LaneHost } from '../scheduler/lane-host.js'
import { Lane } from '../scheduler/lane.js'
import type { PolicyDefinition } from '../scheduler/policy.js'
import { cancel, loseCore } from '../syscall/cancel.js'
import { inTime } from '../time/in-time.js'
import { checkDriver } from './driver-options.js'

const KINDS = ['llm', 'memory', 'storage', 'tool'] as const

/** Is a driver that did not close as it should. */
export interface CloseFailure {
  readonly device: string
  readonly error: unknown
}

/** Is a driver, or the router. */
interface Closable {
  readonly id: string
  close?(): void | Promise<void>
}

/** Opens, adds, removes and closes the devices of a kernel. */
export class DeviceManager implements Devices {
  readonly #kernel: KernelState
  readonly #host: LaneHost
  readonly #policyOf: (lane: string) => PolicyDefinition
  readonly #drained = new Map<Lane, () => void>()
  #router: LlmRouter | undefined = undefined
  /** Devices that were removed and still have calls. */
  readonly #leaving = new Set<Promise<void>>()

  constructor(kernel: KernelState, host: LaneHost, policyOf: (lane: string) => PolicyDefinition) {
    this.#kernel = kernel
    this.#host = host
    this.#policyOf = policyOf
  }

  async add(driver: DeviceDriver): Promise<void> {
    const kind = (driver as Partial<DeviceDriver> | undefined)?.kind
    if (!KINDS.some((known) => known === kind))
      throw new AiosError('AIOS_INVALID_OPTION', `Expected a driver of kind ${KINDS.join(', ')}, got ${String(kind)}.`)
    checkDriver(driver, kind as DeviceDriver['kind'])
    if (this.#kernel.closed !== undefined) throw this.#kernel.closed as Error
    const id = driver.kind === 'llm' ? `llm/${driver.id}` : driver.kind
    this.#checkFree(id)
    const { clock, log, records } = this.#kernel
    await driver.open?.({ clock, log, records })
    try {
      // The kernel may have closed, or another driver taken the place, while this one opened.
      if (this.#kernel.closed !== undefined) throw this.#kernel.closed as Error
      this.#checkFree(id)
      const { lanes, limits } = this.#kernel
      lanes.add(
        new Lane(
          {
            id,
            device: driver,
            concurrency: driver.limits?.concurrency ?? DEFAULT_CONCURRENCY[driver.kind],
            depth: driver.limits?.depth ?? limits.laneDepth,
            resume: driver.kind === 'llm' ? driver.resume : undefined,
            policy: this.#policyOf(id),
            batches: batchRowsOf(driver.batches),
            limits: driver.kind === 'llm' ? rateLimitsOf(driver.limits) : undefined,
            maxAttempts: driver.kind === 'llm' ? driver.limits?.maxAttempts : undefined,
            breaker: driver.kind === 'llm' ? driver.limits?.breaker : undefined,
          },
          this.#host,
        ),
      )
    } catch (error) {
      await driver.close?.()
      throw error
    }
  }

  /** Makes the router ready; it is closed with the devices. */
  async seat(router: LlmRouter): Promise<void> {
    const { clock, log, records } = this.#kernel
    await router.open?.({ clock, log, records })
    this.#router = router
  }

  async remove(id: string): Promise<void> {
    if (this.#kernel.closed !== undefined) throw this.#kernel.closed as Error
    const lane = this.#kernel.lanes.get(id)
    if (lane === undefined || lane.device.kind === 'custom') {
      throw new AiosError(
        'AIOS_NO_DEVICE',
        `Expected one of ${this.#kernel.lanes
          .all()
          .map((each) => each.id)
          .join(', ')}, got "${id}".`,
      )
    }
    this.#kernel.lanes.delete(lane)
    lane.removed = true
    const error = new AiosError('AIOS_NO_DEVICE', `Device ${id} was removed while this call waited for it.`)
    for (const process of this.#kernel.processes.living()) {
      // Whatever it waits for, a slot or a key or a budget or a resume: it has not started.
      for (const call of process.outstanding())
        if (call.lane !== lane || call.startedAt !== undefined) continue
        else if (call.extras?.context?.snapshot === undefined) cancel(call, error)
        else loseCore(call, error)
    }
    this.#kernel.settleDown()
    const gone = this.#dismiss(lane, lane.device)
    this.#leaving.add(gone)
    await gone.finally(() => {
      this.#leaving.delete(gone)
    })
  }

  /** Waits until no driver has a call, at most `timeoutMs`; then closes all drivers, and waits as long for that. */
  async close(timeoutMs: number): Promise<readonly CloseFailure[]> {
    const lanes = this.#kernel.lanes.all()
    const leaving = [...this.#leaving].map((gone) => gone.catch(() => undefined))
    await this.#within(timeoutMs, [...lanes.map((lane) => this.#idle(lane)), ...leaving])
    const failures: CloseFailure[] = []
    const open = new Set<Closable>(lanes.flatMap(({ device }) => (device.kind === 'custom' ? [] : [device])))
    const router = this.#router
    if (router !== undefined) open.add({ id: 'router', close: () => router.close?.() })
    await this.#within(
      timeoutMs,
      [...open].map(async (driver) => {
        try {
          await driver.close?.()
        } catch (error) {
          failures.push({ device: driver.id, error })
        }
        open.delete(driver)
      }),
    )
    for (const driver of open)
      failures.push({ device: driver.id, error: new Error(`The driver did not close within ${timeoutMs} ms.`) })
    return failures
  }

  /** Is told that a slot of a lane was given back. */
  released(lane: Lane): void {
    if (this.#drained.size === 0 || lane.running > 0) return
    this.#drained.get(lane)?.()
    this.#drained.delete(lane)
  }

  /** Closes the driver of a lane when it has no call any more. */
  async #dismiss(lane: Lane, driver: DeviceDriver): Promise<void> {
    await this.#idle(lane)
    await driver.close?.()
  }

  /** Waits for all of some work, at most `timeoutMs`. */
  async #within(timeoutMs: number, work: readonly Promise<void>[]): Promise<void> {
    const { wheel } = this.#kernel
    await inTime<unknown>(Promise.all(work), { wheel, ms: timeoutMs, isVital: true, late: () => undefined })
  }

  async #idle(lane: Lane): Promise<void> {
    if (lane.running > 0)
      await new Promise<void>((resolve) => {
        this.#drained.set(lane, resolve)
      })
  }

  #checkFree(id: string): void {
    if (this.#kernel.lanes.get(id) !== undefined) {
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `Expected a device that is not there yet, got a second "${id}". Remove the first, or give it another id.`,
      )
    }
  }
}
