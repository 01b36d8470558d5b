import { AiosError, type CoreCapabilities, type CoreLimits, type CorePrice, option } from '@aios/kernel/driver'
import { availableParallelism } from 'node:os'

/** Is what every core takes that runs a model in this process. */
export interface LocalOptions {
  /** Id of the core in the kernel. Default: the name of the model's file or folder. */
  readonly id?: string | undefined
  /** What `model` of a request and of its reply says. Default: as the id. */
  readonly model?: string | undefined
  /** Threads that compute, from 1. Default: 1 on machines of one or two cores, else all cores but one, at most 8. */
  readonly threads?: number | undefined
  /** Tokens that an answer and all before it may take together, from 8. Default: what the model was trained for, at most 8,192. */
  readonly contextSize?: number | undefined
  /** Answers that are generated side by side, from 1, each with a context of its own. Default 1. Sets `limits.concurrency`. */
  readonly batch?: number | undefined
  /** Prompt tokens that are read in one go, from 8. Default 512. */
  readonly batchSize?: number | undefined
  /** Default: as many calls at once as `batch`. */
  readonly limits?: CoreLimits | undefined
  readonly price?: CorePrice | undefined
  /** What the model can do, where that is known; routers leave it out of what it cannot. */
  readonly capabilities?: CoreCapabilities | undefined
  /** Most tokens of an answer where the request does not say. Default: what the context has room for. */
  readonly maxOutputTokens?: number | undefined
}

/** Is what is known of a card's share in the work. */
interface CardOptions {
  readonly device?: string | undefined
  readonly gpuLayers?: number | undefined
  readonly maxGpuMemoryBytes?: number | undefined
}

const { optional } = option
const able = optional(option.boolean)

/** Checks that a value is a text that is not empty. */
export const filled = (what: string): ReturnType<typeof option.custom> =>
  option.custom(what, (value) => typeof value === 'string' && value !== '')

/** Checks {@link LocalOptions}, key by key, and what is said of graphics cards. */
export const LOCAL_OPTIONS = {
  id: optional(option.name),
  model: optional(option.name),
  gpuLayers: optional(option.integer(0)),
  maxGpuMemoryBytes: optional(option.integer(0)),
  threads: optional(option.integer(1)),
  contextSize: optional(option.integer(8)),
  batch: optional(option.integer(1)),
  batchSize: optional(option.integer(8)),
  limits: optional(option.record),
  price: optional(option.object({ inputUsdPerMTok: option.number(0), outputUsdPerMTok: option.number(0) })),
  capabilities: optional(option.object({ tools: able, images: able, files: able, schema: able })),
  maxOutputTokens: optional(option.integer(1)),
} as const

/** Tokens of a context where the options do not say, if the model was trained for as many. */
export const DEFAULT_CONTEXT = 8_192
/** Prompt tokens that are read in one go where the options do not say. */
export const DEFAULT_BATCH_SIZE = 512
const MAX_THREADS = 8

/** Returns how many threads compute. */
export function threadsFor({ threads }: LocalOptions): number {
  // On two cores the second thread waits for whoever else works there, and everything slows down by a hundred times.
  return threads ?? Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1))
}

/**
 * Checks that no two options say what a card is to do.
 *
 * @param maker - names the function in the error
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkCardOptions(maker: string, given: CardOptions): void {
  const exclude = (name: 'gpuLayers' | 'maxGpuMemoryBytes', other: string | undefined): void => {
    if (given[name] === undefined || other === undefined) return
    const message = `Expected no "${name}" of ${maker}() beside ${other}, got ${given[name]}. Leave one of them out.`
    throw new AiosError('AIOS_INVALID_OPTION', message)
  }
  const cpu = given.device === 'cpu' ? "device 'cpu'" : undefined
  exclude('gpuLayers', cpu)
  exclude('maxGpuMemoryBytes', cpu ?? (given.gpuLayers === undefined ? undefined : '"gpuLayers"'))
}
