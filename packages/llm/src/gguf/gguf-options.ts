import { AiosError, type CoreCapabilities, type CorePrice } from '@aios/kernel'
import { checkOptions, option, type CoreLimits } from '@aios/kernel/driver'

/** Names where a model runs. `auto` takes the best that is there and has its binary installed, else the CPU. */
export type GgufDevice = 'auto' | 'cpu' | 'cuda' | 'metal' | 'vulkan'

/** Is what {@link gguf} takes after the path. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface GgufOptions {
  /** Id of the core in the kernel. Default: the file's name without folder and `.gguf`. */
  readonly id?: string | undefined
  /** What `model` of a request and of its reply says. Default: as the id. */
  readonly model?: string | undefined
  /** Where it runs (AIOS: `eval_device`). Default `auto`. A device by name is that one or an error. */
  readonly device?: GgufDevice | undefined
  /** Layers of the model on the graphics card, from 0. Default: as many as fit. Not with `device: 'cpu'`. */
  readonly gpuLayers?: number | undefined
  /**
   * Most bytes of the graphics card's memory to plan with (AIOS: `max_gpu_memory`): decides how many layers go there. Not with
   * `device: 'cpu'` or `gpuLayers`.
   */
  readonly maxGpuMemoryBytes?: number | undefined
  /** Threads that compute, from 1. Default: 1 on machines of one or two cores, else all cores but one, at most 8. */
  readonly threads?: number | undefined
  /** Tokens that an answer and all before it may take together, from 8. Default: what the model was trained for, at most 8,192. */
  readonly contextSize?: number | undefined
  /** Answers that are generated side by side, from 1, each with a context of its own. Default 1. Sets `limits.concurrency`. */
  readonly batch?: number | undefined
  /** Prompt tokens that are read in one go, from 8. Default 512. */
  readonly batchSize?: number | undefined
  /** Folder for the state of answers on its way into and out of the engine. Default: the system's folder for temporary files. */
  readonly stateDir?: string | undefined
  /** Default: as many calls at once as `batch`. */
  readonly limits?: CoreLimits | undefined
  readonly price?: CorePrice | undefined
  /** What the model can do, where that is known; routers leave it out of what it cannot. Default: tools and schema, no files. */
  readonly capabilities?: CoreCapabilities | undefined
  /** Most tokens of an answer where the request does not say. Default: what the context has room for. */
  readonly maxOutputTokens?: number | undefined
}

const { optional } = option
const able = optional(option.boolean)
const filled = (what: string): ReturnType<typeof option.custom> =>
  option.custom(what, (value) => typeof value === 'string' && value !== '')

const OPTIONS = option.object({
  id: optional(option.name),
  model: optional(option.name),
  device: optional(option.oneOf('auto', 'cpu', 'cuda', 'metal', 'vulkan')),
  gpuLayers: optional(option.integer(0)),
  maxGpuMemoryBytes: optional(option.integer(0)),
  threads: optional(option.integer(1)),
  contextSize: optional(option.integer(8)),
  batch: optional(option.integer(1)),
  batchSize: optional(option.integer(8)),
  stateDir: optional(filled('the path of a folder')),
  limits: optional(option.record),
  price: optional(option.object({ inputUsdPerMTok: option.number(0), outputUsdPerMTok: option.number(0) })),
  capabilities: optional(option.object({ tools: able, images: able, files: able, schema: able })),
  maxOutputTokens: optional(option.integer(1)),
})

function exclude(given: GgufOptions, name: 'gpuLayers' | 'maxGpuMemoryBytes', other: string | undefined): void {
  if (given[name] === undefined || other === undefined) return
  const message = `Expected no "${name}" of gguf() beside ${other}, got ${given[name]}. Leave one of them out.`
  throw new AiosError('AIOS_INVALID_OPTION', message)
}

/**
 * Checks the arguments of `gguf()`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkGgufOptions(modelPath: unknown, options: unknown): void {
  checkOptions('gguf()', modelPath, filled('the path of a GGUF file'))
  checkOptions('gguf()', options, OPTIONS)
  const given = options as GgufOptions
  const cpu = given.device === 'cpu' ? "device 'cpu'" : undefined
  exclude(given, 'gpuLayers', cpu)
  exclude(given, 'maxGpuMemoryBytes', cpu ?? (given.gpuLayers === undefined ? undefined : '"gpuLayers"'))
}
