import { AiosError, checkOptions, type CoreRequest, type CoreWarning, option } from '@aios/kernel/driver'

/** Says how the next token is drawn. */
export interface Sampling {
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly minP: number
  readonly seed: number
}

/** Is what the `providerOptions` of a local core may hold; it wins over the request. */
interface LocalRequestOptions {
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  /** Most tokens that are drawn from; 0 for all. Default 40. */
  readonly topK?: number | undefined
  /** Least share of the best token's likelihood that a token must have. Default 0. */
  readonly minP?: number | undefined
  readonly seed?: number | undefined
}

const { optional } = option
const OPTIONS = option.object({
  temperature: optional(option.number(0)),
  topP: optional(option.number(0, 1)),
  topK: optional(option.integer(0)),
  minP: optional(option.number(0, 1)),
  seed: optional(option.integer(Number.MIN_SAFE_INTEGER)),
})

const DEFAULT_TOP_K = 40

function ownOptions({ providerOptions }: CoreRequest, backend: string): LocalRequestOptions {
  const own = providerOptions?.[backend] ?? {}
  try {
    checkOptions(`providerOptions.${backend}`, own, OPTIONS)
  } catch (cause) {
    throw new AiosError('AIOS_LLM_BAD_REQUEST', (cause as AiosError).message, { cause })
  }
  return own
}

/**
 * Returns the seed of token `index` of an answer, 32 bits. Each token has one of its own, which follows from the answer's, so that
 * an answer which was cut draws on as if it had not been: no generator has to be saved. (The finaliser of MurmurHash3.)
 */
export function seedOf({ seed }: Sampling, index: number): number {
  let hash = (seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Reads how a request wants its answer drawn.
 *
 * @param from - whose `providerOptions` count, and the seed where the request names none
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for an option of these `providerOptions` that there is not
 */
export function samplingOf(request: CoreRequest, from: { readonly backend: string; readonly seed: number }): Sampling {
  const own = ownOptions(request, from.backend)
  return {
    // Greedy where nobody says otherwise: the same question gets the same answer.
    temperature: own.temperature ?? request.temperature ?? 0,
    topP: own.topP ?? request.topP ?? 1,
    topK: own.topK ?? DEFAULT_TOP_K,
    minP: own.minP ?? 0,
    seed: own.seed ?? request.seed ?? from.seed,
  }
}

/** Names the settings of a request that have no effect here. */
export function droppedSettings(request: CoreRequest): CoreWarning[] {
  if (request.reasoning === undefined) return []
  const message = 'A local model thinks as its chat template has it; the wish is left out.'
  return [{ setting: 'reasoning', message }]
}
