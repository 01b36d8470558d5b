import { importCost } from './cores/import-cost.js'
import { overSdk } from './cores/over-sdk.js'
import { streamedMemory } from './cores/streamed-memory.js'
import type { Section } from '../measure/report.js'
import type { Mode } from './mode.js'

/** Measures what cores add to the SDKs that they are over: time, memory, and what importing them costs. */
export async function cores(mode: Mode): Promise<readonly Section[]> {
  return [...(await overSdk(mode)), await streamedMemory(mode), await importCost(mode)]
}
