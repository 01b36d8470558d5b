import type { CoreRequest } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { checkCardOptions, filled, LOCAL_OPTIONS, type LocalOptions } from '../local/local-options.js'

/**
 * Names where a model runs. `auto` is CUDA where its libraries are there, else the CPU. `metal` and `vulkan` are WebGPU on the
 * systems where it runs on those.
 */
export type HuggingfaceDevice = 'auto' | 'cpu' | 'cuda' | 'metal' | 'vulkan' | 'webgpu'

/** Names how the weights are stored: which of the files in the folder `onnx` is taken. */
export type HuggingfaceDtype = 'fp32' | 'fp16' | 'q8' | 'int8' | 'uint8' | 'q4' | 'q4f16' | 'bnb4'

/** Is what a {@link HuggingfaceOptions.logits | logits hook} sees before a token is drawn. */
export interface LogitsInput {
  readonly request: CoreRequest
  /** Tokens that the model has read before its answer, by id. */
  readonly prompt: readonly number[]
  /** Tokens of the answer so far, by id. */
  readonly tokens: readonly number[]
  /**
   * How likely each token is to come next: one number for each id of the vocabulary, as the model puts it out, which is in natural
   * logarithms up to a constant, before temperature. What the hook writes here counts; `-Infinity` rules a token out.
   */
  readonly logits: Float32Array
}

/** Is what {@link huggingface} takes after the folder. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface HuggingfaceOptions extends LocalOptions {
  /** Where it runs (AIOS: `eval_device`). Default `auto`. A device by name is that one or an error. */
  readonly device?: HuggingfaceDevice | undefined
  /**
   * Layers of the model on the graphics card, from 0. ONNX Runtime does not divide a model: 0 is the CPU, the number of its layers
   * or more is all of it, anything between is refused with `AIOS_UNSUPPORTED`. Default: all. Not with `device: 'cpu'`.
   */
  readonly gpuLayers?: number | undefined
  /**
   * Most bytes of the graphics card's memory (AIOS: `max_gpu_memory`): a model whose weights take more is not put there. With
   * `auto` it runs on the CPU, with a device by name it is refused. Not with `device: 'cpu'` or `gpuLayers`.
   */
  readonly maxGpuMemoryBytes?: number | undefined
  /** Which weights to take. Default: the first that are there, from the exact to the small. */
  readonly dtype?: HuggingfaceDtype | undefined
  /** Jinja template of the conversation. Default: the folder's own. */
  readonly chatTemplate?: string | undefined
  /**
   * Sees, and may change, the logits before each token is drawn. Called once a token, in order, between two steps of the model; what
   * it throws rejects the call. For an answer that is cut and goes on to be the same, it must depend on its input alone.
   */
  readonly logits?: ((input: LogitsInput) => void) | undefined
}

const { optional } = option

const OPTIONS = option.object({
  ...LOCAL_OPTIONS,
  device: optional(option.oneOf('auto', 'cpu', 'cuda', 'metal', 'vulkan', 'webgpu')),
  dtype: optional(option.oneOf('fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4')),
  chatTemplate: optional(filled('a Jinja template')),
  logits: optional(option.custom('a function', (value) => typeof value === 'function')),
})

/**
 * Checks the arguments of `huggingface()`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkHuggingfaceOptions(folder: unknown, options: unknown): void {
  checkOptions('huggingface()', folder, filled('the path of a folder'))
  checkOptions('huggingface()', options, OPTIONS)
  checkCardOptions('huggingface', options as HuggingfaceOptions)
}
