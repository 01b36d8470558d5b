import type { PolicyDefinition, Task, TaskOwner, TaskTree } from '../policy.js'
import { AiosError } from '../../error/aios-error.js'
import { checkOptions, option } from '../../option/check-options.js'
import { AGEING_FIELDS, ageingStep, type AgeingOptions } from './ageing.js'
import { ClassedPolicy } from './classed-policy.js'
import { TurnPolicy } from './turn-policy.js'
import { AgentLine, TurnRing } from './turn-ring.js'

/** Are the options of {@link roundRobin}. At most one quantum. */
export interface TurnOptions extends AgeingOptions {
  /** Milliseconds that a call may have a slot while others wait; above 0. Default: until it is done. */
  readonly quantumMs?: number
  /** Output tokens that a call may generate on a slot while others wait; from 1. Default: until it is done. */
  readonly quantumTokens?: number
}

const isSpan = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY
const OPTIONS = option.object({
  ...AGEING_FIELDS,
  quantumMs: option.optional(option.custom('a number of milliseconds above 0', isSpan)),
  quantumTokens: option.optional(option.integer(1)),
})

// Made once: a ring is made for every tree that waits.
const treeOf = ({ owner }: Task): TaskTree => owner.tree
const ownerOf = ({ owner }: Task): TaskOwner => owner
const line = (): AgentLine => new AgentLine()
const agents = (): TurnRing<TaskOwner> => new TurnRing(ownerOf, line)

/** Trees take turns, and within a tree its agents. */
const ring = (): TurnRing<TaskTree> => new TurnRing(treeOf, agents)

/**
 * Lets the process trees of the highest class take turns, one call each, and within a tree its agents: one with a thousand
 * calls waiting delays another by one call, however many children it makes them through. A tree that waits to be served
 * in a class rises one class every `ageingMs`, and one that waited `8 * ageingMs` goes first. The default of every lane
 * but those of LLM cores.
 *
 * With a quantum it gives slices: a call that had its slot for as long, while others wait that are no less urgent, is cut
 * in the middle of its answer, and goes on with its next turn. Its consumer sees a pause. That is so only on cores that can
 * go on ({@link LlmDriver.resume}), never within a tool call, JSON or reasoning, and where it is worth it: if what is left
 * takes three times longer than the cut, and at most three times a call where the core has to read the answer again.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an `ageingMs` or quantum that is not above 0, or for two quanta
 * @example
 * ```ts
 * import { createKernel, roundRobin } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { memory: roundRobin() } })
 * await kernel.close()
 * ```
 */
export function roundRobin(options: TurnOptions = {}): PolicyDefinition {
  checkOptions('roundRobin()', options, OPTIONS)
  const { quantumMs, quantumTokens } = options
  if (quantumMs !== undefined && quantumTokens !== undefined)
    throw new AiosError('AIOS_INVALID_OPTION', 'Expected quantumMs or quantumTokens in roundRobin(), got both.')
  const ageingMs = ageingStep(options)
  const create = (): ClassedPolicy<TurnRing<unknown>> => new ClassedPolicy(ageingMs, ring)
  const sliced = quantumMs !== undefined || quantumTokens !== undefined
  return Object.freeze({
    name: 'roundRobin',
    create: sliced ? () => new TurnPolicy(ageingMs, { quantumMs, quantumTokens }, ring) : create,
  })
}
