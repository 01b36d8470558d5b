import { AiosError, type LlmDriver } from '@aios/kernel'
import { checkOptions, describeValue, option } from '@aios/kernel/driver'
import { failure, type FailureKind } from '../mock/steps.js'
import type { ScriptedFault, ScriptedHang } from '../scripted-step.js'
import { seededRandom, type Random } from '../seeded-random.js'
import { silent, thrown, type Fault } from './fault.js'
import { expectCore, wrappedCore, type WrappedCall } from './wrapped-core.js'

/** Is a fault, the name of a failure, or what `throws` and `hangs` return. */
export type FaultLike = Fault | FailureKind | ScriptedFault | ScriptedHang

/** Is a fault with the requests that it is for. Make one with `at`, `everyN` and `sometimes`. */
export interface ScheduledFault {
  readonly fault: FaultLike
  /**
   * @param request - number of the request, from 1
   * @param random - gives numbers from 0 up to 1, the same for the same seed, request and place in the list
   */
  readonly when: (request: number, random: () => number) => boolean
}

/** Tells of a fault that was injected. */
export interface InjectedFault {
  /** Number of the request, from 1; each attempt of the kernel is one. */
  readonly request: number
  /** Such as `overloaded` or `cutAfter(3)`. */
  readonly fault: string
}

/** Is a core that goes wrong as it was told. */
export interface FaultyCore extends LlmDriver {
  /** Every fault so far, in the order of the requests. */
  readonly injected: readonly InjectedFault[]
}

interface Plan {
  readonly fault: Fault
  readonly when: ScheduledFault['when']
}

const OPTIONS = option.object({ seed: option.optional(option.number(Number.NEGATIVE_INFINITY)) })

/** Schedules a fault for one request, or several, by number from 1. */
export function at(requests: number | readonly number[], fault: FaultLike): ScheduledFault {
  const list: readonly number[] = typeof requests === 'number' ? [requests] : requests
  checkOptions('at()', list, option.array(option.integer(1)))
  return { fault, when: (request) => list.includes(request) }
}

/** Schedules a fault for every nth request: the nth, the 2nth and so on. */
export function everyN(n: number, fault: FaultLike): ScheduledFault {
  checkOptions('everyN()', n, option.integer(1))
  return { fault, when: (request) => request % n === 0 }
}

/** Schedules a fault for each request with a probability from 0 to 1, decided by the seed. */
export function sometimes(probability: number, fault: FaultLike): ScheduledFault {
  checkOptions('sometimes()', probability, option.number(0, 1))
  return { fault, when: (_, random) => random() < probability }
}

function faultOf(given: FaultLike): Fault {
  if (typeof given === 'string') return thrown(given, failure(given))
  if (typeof given !== 'object' || given === null) throw unknownFault(given)
  if ('hang' in given) return expectBare(given, silent())
  if ('error' in given) return expectBare(given, thrown(given.error.message, given.error))
  if (typeof given.name !== 'string') throw unknownFault(given)
  return given
}

/** What a script says before it breaks off has no place here: the core speaks for itself. */
function expectBare(given: ScriptedFault | ScriptedHang, fault: Fault): Fault {
  const said = (['text', 'tokens', 'afterTokens', 'latencyMs', 'tokenMs'] as const).find(
    (key) => given[key] !== undefined,
  )
  if (said === undefined) return fault
  throw new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected no "${said}" in a fault of withFaults(): the core says what it says. Use cutAfter() or stall().`,
  )
}

function unknownFault(given: unknown): AiosError {
  return new AiosError('AIOS_INVALID_OPTION', `Expected a fault for withFaults(), got ${describeValue(given)}.`)
}

function planOf(given: FaultLike | ScheduledFault): Plan {
  const isScheduled = typeof given === 'object' && given !== null && 'when' in given
  return isScheduled ? { fault: faultOf(given.fault), when: given.when } : { fault: faultOf(given), when: () => true }
}

/**
 * Makes a core go wrong on purpose. Requests count from 1 as they reach the core, so each attempt of the kernel counts. Several faults
 * may be for one request; they are applied in their order. What happens depends on the seed, the number of the request and the place of the
 * fault in the list, and on nothing else.
 *
 * @param core - any core that does not work in batches. Cores that it discovers go wrong like it, each by the number of its own requests
 * @param faults - those without a schedule are for every request
 * @param options - `seed`: decides for `sometimes`. Default 1
 * @throws AiosError `AIOS_INVALID_OPTION` for what is no fault; `AIOS_UNSUPPORTED` for a core that works in batches
 * @example
 * ```ts
 * import { createTestKernel } from '@aios/kernel/testing'
 * import { at, cutAfter, scriptedCore, sometimes, withFaults } from '@aios/llm/testing'
 *
 * const core = withFaults(
 *   scriptedCore(['Hello, Ada.'], { repeat: true, limits: { maxAttempts: 1 } }),
 *   [at(2, 'overloaded'), at(3, cutAfter({ chunks: 1 })), sometimes(0.01, 'network')],
 *   { seed: 42 },
 * )
 * const kernel = await createTestKernel({ llm: core })
 * const ask = () => kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'I am Ada.' }] })
 * await ask()
 * await ask().catch((error: unknown) => console.log(error)) // AIOS_LLM_OVERLOADED
 * console.log(core.injected) // [{ request: 2, fault: 'overloaded' }]
 * await kernel.close()
 * ```
 */
export function withFaults(
  core: LlmDriver,
  faults: readonly (FaultLike | ScheduledFault)[],
  options: { readonly seed?: number | undefined } = {},
): FaultyCore {
  expectCore('withFaults()', core)
  checkOptions('withFaults()', options, OPTIONS)
  checkOptions('withFaults()', faults, option.custom('an array of faults', Array.isArray))
  const plans = faults.map(planOf)
  const { seed = 1 } = options
  const injected: InjectedFault[] = []
  const spoilt = new WeakSet<object>()
  const due = ({ index, call }: WrappedCall): readonly Fault[] => {
    const randomOf = (place: number): Random => seededRandom('fault', seed, index, place)
    const chosen = plans.filter(({ when }, place) => when(index + 1, randomOf(place))).map(({ fault }) => fault)
    for (const { name } of chosen) injected.push({ request: index + 1, fault: name })
    if (chosen.length > 0) spoilt.add(call)
    return chosen
  }
  const driver = wrappedCore(core, {
    async chat(asked, answer) {
      const chosen = due(asked)
      for (const { before } of chosen) await before?.(asked.pausable)
      let reply = await answer()
      for (const fault of chosen) reply = (await fault.reply?.(reply, asked.request, asked.pausable)) ?? reply
      return reply
    },
    async *stream(asked, parts) {
      const chosen = due(asked)
      for (const { before } of chosen) await before?.(asked.pausable)
      yield* chosen.reduce((changed, fault) => fault.parts?.(changed, asked.request, asked.pausable) ?? changed, parts)
    },
    unsaveable: (call) => (spoilt.has(call) ? 'a fault was injected into it' : undefined),
  })
  return Object.assign(driver, { injected })
}
