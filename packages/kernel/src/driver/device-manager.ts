import { AiosError } from '../error/aios-error.js'
import type { DeviceDriver, Devices } from '../kernel-api.js'
import type { KernelState } from '../kernel-state.js'
import { DEFAULT_CONCURRENCY } from '../limits.js'
import { Lane, type LaneHost } from '../scheduler/lane.js'
import type { PolicyDefinition } from '../scheduler/policy.js'
import { cancel } from '../syscall/cancel.js'
import { STATE } from '../syscall/syscall.js'
import { checkDriver } from './driver-options.js'

const KINDS = ['llm', 'memory', 'storage', 'tool'] as const

/** Opens, adds, removes and closes the devices of a kernel. */
export class DeviceManager implements Devices {
  readonly #kernel: KernelState
  readonly #host: LaneHost
  readonly #policyOf: (lane: string) => PolicyDefinition
  readonly #drained = new Map<Lane, () => void>()

  constructor(kernel: KernelState, host: LaneHost, policyOf: (lane: string) => PolicyDefinition) {
    this.#kernel = kernel
    this.#host = host
    this.#policyOf = policyOf
  }

  async add(driver: DeviceDriver): Promise<void> {
    const kind = (driver as Partial<DeviceDriver> | undefined)?.kind
    if (!KINDS.some((known) => known === kind)) throw new AiosError('AIOS_INVALID_OPTION', `Expected a driver of kind ${KINDS.join(', ')}, got ${String(kind)}.`)
    checkDriver(driver, kind as DeviceDriver['kind'])
    if (this.#kernel.closed !== undefined) throw this.#kernel.closed as Error
    const id = driver.kind === 'llm' ? `llm/${driver.id}` : driver.kind
    this.#checkFree(id)
    await driver.open?.({ clock: this.#kernel.clock, log: this.#kernel.log })
    try {
      this.#checkFree(id)
      const { lanes, limits } = this.#kernel
      lanes.add(new Lane({
        id,
        device: driver,
        concurrency: driver.limits?.concurrency ?? DEFAULT_CONCURRENCY[driver.kind],
        depth: driver.limits?.depth ?? limits.laneDepth,
        policy: this.#policyOf(id),
      }, this.#host))
    } catch (error) {
      await driver.close?.()
      throw error
    }
  }

  async remove(id: string): Promise<void> {
    const lane = this.#kernel.lanes.get(id)
    if (lane === undefined || lane.device.kind === 'custom') {
      throw new AiosError('AIOS_NO_DEVICE', `Expected one of ${this.#kernel.lanes.all().map((each) => each.id).join(', ')}, got "${id}".`)
    }
    this.#kernel.lanes.delete(lane)
    const error = new AiosError('AIOS_NO_DEVICE', `Device ${id} was removed while this call waited for it.`)
    for (const process of this.#kernel.processes.living()) {
      for (const call of process.outstanding()) if (call.lane === lane && call.state === STATE.queued) cancel(call, error)
    }
    this.#kernel.settleDown()
    await this.#idle(lane)
    await lane.device.close?.()
  }

  /** Waits until no driver has a call, at most `timeoutMs`; then closes all drivers. */
  async close(timeoutMs: number): Promise<readonly unknown[]> {
    const lanes = this.#kernel.lanes.all()
    let timer: (() => void) | undefined
    const limit = new Promise<void>((resolve) => {
      const set = this.#kernel.wheel.set(timeoutMs, true, resolve)
      timer = () => { this.#kernel.wheel.cancel(set) }
    })
    await Promise.race([Promise.all(lanes.map((lane) => this.#idle(lane))), limit])
    timer?.()
    const closed = await Promise.allSettled(lanes.map(async (lane) => { if (lane.device.kind !== 'custom') await lane.device.close?.() }))
    return closed.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  }

  /** Is told that a slot of a lane was given back. */
  released(lane: Lane): void {
    if (this.#drained.size === 0 || lane.running > 0) return
    this.#drained.get(lane)?.()
    this.#drained.delete(lane)
  }

  async #idle(lane: Lane): Promise<void> {
    if (lane.running > 0) await new Promise<void>((resolve) => { this.#drained.set(lane, resolve) })
  }

  #checkFree(id: string): void {
    if (this.#kernel.lanes.get(id) !== undefined) {
      throw new AiosError('AIOS_INVALID_OPTION', `Expected a device that is not there yet, got a second "${id}". Remove the first, or give it another id.`)
    }
  }
}
