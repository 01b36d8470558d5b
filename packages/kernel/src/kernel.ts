import { addCustomLanes, bootState, checkPolicyLanes, laneHost } from './boot.js'
import { CoreDiscovery } from './driver/core-discovery.js'
import { DeviceManager } from './driver/device-manager.js'
import type { LlmDriver } from './driver/llm-driver.js'
import type { Kernel } from './kernel-api.js'
import { KernelFacade } from './kernel-facade.js'
import type { KernelOptions } from './kernel-options.js'
import { checkKernelOptions } from './kernel-options-check.js'
import { Lane } from './scheduler/lane.js'
import type { PolicyDefinition } from './scheduler/policy.js'
import { ReadyTable } from './scheduler/ready-table.js'
import { begin } from './syscall/begin.js'

/**
 * Starts a kernel: opens its record store, its router and its devices, and returns when every one is ready. It chooses nothing: a call to a device that is
 * not there rejects with `AIOS_NO_DEVICE`. Close it with `close()` or `await using`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for unknown keys, wrong types, duplicate names; whatever the `open` of the
 *   record store or a driver throws
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * const kernel = await createKernel({ llm: scriptedCore(['Four.']) })
 * const answer = await kernel.run(async (sys, question: string) => {
 *   const reply = await sys.llm.chat({ messages: [{ role: 'user', content: question }] })
 *   return reply.text
 * }, 'What is 2 + 2?')
 * await kernel.close()
 * console.log(answer) // Four.
 * ```
 */
export async function createKernel(options: KernelOptions = {}): Promise<Kernel> {
  checkKernelOptions(options)
  const state = bootState(options)
  await state.records.open()
  const ready = new ReadyTable()
  const policyOf = (lane: string): PolicyDefinition => state.lanes.policyOf(lane)
  const host = laneHost(state, {
    begin,
    laneMoved: (lane) => {
      ready.moved(lane)
    },
    released: (lane) => {
      devices.released(lane)
    },
  })
  const devices = new DeviceManager(state, host, policyOf)
  state.discovery = new CoreDiscovery(state.lanes, devices)
  const kernel = new KernelFacade({ state, devices, ready })
  try {
    await state.journal?.open()
    await devices.seat(state.router)
    addCustomLanes(state, options.syscalls ?? [], (seed) => new Lane({ ...seed, policy: policyOf(seed.id) }, host))
    checkPolicyLanes(options.policies ?? {}, state)
    const { llm = [], memory, storage, tools } = options
    const cores: readonly LlmDriver[] = 'kind' in llm ? [llm] : llm
    for (const driver of [...cores, memory, storage, tools]) {
      if (driver !== undefined) await devices.add(driver)
    }
    await state.journal?.leaving.catchUp()
  } catch (error) {
    await kernel.close()
    throw error
  }
  return kernel
}
