import { checkOptions, option } from '@aios/kernel/driver'
import { checkCardOptions, filled, LOCAL_OPTIONS, type LocalOptions } from '../local/local-options.js'

/**
 * Names where a model runs, as all local cores do. `auto` takes the best that is there and has its binary installed, else the CPU. Of
 * `webgpu` llama.cpp has no ready-made binary.
 */
export type GgufDevice = 'auto' | 'cpu' | 'cuda' | 'metal' | 'vulkan' | 'webgpu'

/** Is what {@link gguf} takes after the path. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface GgufOptions extends LocalOptions {
  /** Where it runs (AIOS: `eval_device`). Default `auto`. A device by name is that one or an error. */
  readonly device?: GgufDevice | undefined
  /** Layers of the model on the graphics card, from 0. Default: as many as fit. Not with `device: 'cpu'`. */
  readonly gpuLayers?: number | undefined
  /**
   * Most bytes of the graphics card's memory to plan with (AIOS: `max_gpu_memory`): decides how many layers go there. Not with
   * `device: 'cpu'` or `gpuLayers`.
   */
  readonly maxGpuMemoryBytes?: number | undefined
  /** Folder for the state of answers on its way into and out of the engine. Default: the system's folder for temporary files. */
  readonly stateDir?: string | undefined
}

const { optional } = option

const OPTIONS = option.object({
  ...LOCAL_OPTIONS,
  device: optional(option.oneOf('auto', 'cpu', 'cuda', 'metal', 'vulkan', 'webgpu')),
  stateDir: optional(filled('the path of a folder')),
})

/**
 * Checks the arguments of `gguf()`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkGgufOptions(modelPath: unknown, options: unknown): void {
  checkOptions('gguf()', modelPath, filled('the path of a GGUF file'))
  checkOptions('gguf()', options, OPTIONS)
  checkCardOptions('gguf', options as GgufOptions)
}
