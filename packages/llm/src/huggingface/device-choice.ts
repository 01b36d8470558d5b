import { AiosError } from '@aios/kernel/driver'
import type { HuggingfaceDevice, HuggingfaceOptions } from './huggingface-options.js'

/** Is a device as the runtime names it. */
export type OnnxDevice = 'cpu' | 'cuda' | 'webgpu'

/** Is what the choice of a device depends on besides the options. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Size of the weights. */
  readonly bytes: number
  /** Layers of the model, where known. */
  readonly layers: number | undefined
}

/** On which systems WebGPU computes with what the options name. */
const BY_WEBGPU: Partial<Record<HuggingfaceDevice, NodeJS.Platform>> = { metal: 'darwin', vulkan: 'linux' }

/** Returns the error for a device that is not there. */
export function withoutDevice(device: HuggingfaceDevice, cause?: unknown): AiosError {
  const message = `Expected device "${device}" and the libraries of ONNX Runtime for it, got none that runs. Install them, or choose another device.`
  return new AiosError('AIOS_UNSUPPORTED', message, cause === undefined ? {} : { cause })
}

function named(device: Exclude<HuggingfaceDevice, 'auto'>, { platform }: Machine): OnnxDevice {
  if (device === 'cpu' || device === 'cuda' || device === 'webgpu') return device
  if (BY_WEBGPU[device] === platform) return 'webgpu'
  throw withoutDevice(device)
}

/**
 * Returns the devices to try, best first.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for a device that this system cannot have, or part of the layers; `AIOS_QUOTA_EXCEEDED` for
 * weights that are larger than `maxGpuMemoryBytes` where the card is asked for by name
 */
export function devicesToTry(options: HuggingfaceOptions, machine: Machine): readonly OnnxDevice[] {
  const { device = 'auto', gpuLayers, maxGpuMemoryBytes } = options
  const isCardAsked = device !== 'auto' && named(device, machine) !== 'cpu'
  if (gpuLayers === 0) return ['cpu']
  if (gpuLayers !== undefined && gpuLayers < (machine.layers ?? 0)) {
    const message = `Expected gpuLayers 0 or at least ${machine.layers}, got ${gpuLayers}: ONNX Runtime does not divide a model. Leave it out for all.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
  if (machine.bytes > (maxGpuMemoryBytes ?? Number.POSITIVE_INFINITY)) {
    if (!isCardAsked) return ['cpu']
    const message = `Expected weights of at most ${maxGpuMemoryBytes} bytes for device "${device}", got ${machine.bytes}. Take a smaller dtype, or the CPU.`
    throw new AiosError('AIOS_QUOTA_EXCEEDED', message)
  }
  if (device !== 'auto') return [named(device, machine)]
  // WebGPU is experimental in the runtime: only for those who ask for it.
  return machine.platform === 'linux' && machine.arch === 'x64' ? ['cuda', 'cpu'] : ['cpu']
}
