import type { PolicyDefinition } from '../policy.js'
import { ageingStep, checkAgeing, type AgeingOptions } from './ageing.js'
import { ClassedPolicy } from './classed-policy.js'
import { AgentLine, TurnRing } from './turn-ring.js'

/** Trees take turns, and within a tree its agents. */
const ring = () =>
  new TurnRing(
    ({ owner }) => owner.tree,
    () =>
      new TurnRing(
        ({ owner }) => owner,
        () => new AgentLine(),
      ),
  )

/**
 * Lets the process trees of the highest class take turns, one call each, and within a tree its agents: one with a thousand
 * calls waiting delays another by one call, however many children it makes them through. A tree that waits to be served
 * in a class rises one class every `ageingMs`, and one that waited `8 * ageingMs` goes first. The default of every lane
 * but those of LLM cores.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an `ageingMs` that is not above 0
 * @example
 * ```ts
 * import { createKernel, roundRobin } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { memory: roundRobin() } })
 * await kernel.close()
 * ```
 */
export function roundRobin(options: AgeingOptions = {}): PolicyDefinition {
  checkAgeing('roundRobin', options)
  const ageingMs = ageingStep(options)
  return Object.freeze({ name: 'roundRobin', create: () => new ClassedPolicy(ageingMs, ring) })
}
