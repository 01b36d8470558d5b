import { describe, expect, it } from 'vitest'
import type { HuggingfaceOptions } from '@aios/llm/huggingface'
import { devicesToTry, type Machine } from '../../../packages/llm/src/huggingface/device-choice.js'

const LINUX: Machine = { platform: 'linux', arch: 'x64', bytes: 1_000, layers: 12 }
const MAC: Machine = { ...LINUX, platform: 'darwin', arch: 'arm64' }

function tried(options: HuggingfaceOptions, machine = LINUX): unknown {
  try {
    return devicesToTry(options, machine)
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('devicesToTry', () => {
  it('takes CUDA where it can be, else the CPU, and WebGPU only by name', () => {
    expect(tried({})).toEqual(['cuda', 'cpu'])
    expect(tried({}, MAC)).toEqual(['cpu'])
    expect(tried({ device: 'webgpu' })).toEqual(['webgpu'])
    expect(tried({ device: 'cuda' })).toEqual(['cuda'])
  })

  it('computes by WebGPU on what it uses on this system, and on nothing else', () => {
    expect(tried({ device: 'metal' }, MAC)).toEqual(['webgpu'])
    expect(tried({ device: 'vulkan' })).toEqual(['webgpu'])
    expect(tried({ device: 'metal' })).toBe('AIOS_UNSUPPORTED')
    expect(tried({ device: 'vulkan' }, MAC)).toBe('AIOS_UNSUPPORTED')
  })

  it('divides no model: all layers or none', () => {
    expect(tried({ gpuLayers: 0, device: 'cuda' })).toEqual(['cpu'])
    expect(tried({ gpuLayers: 12, device: 'cuda' })).toEqual(['cuda'])
    expect(tried({ gpuLayers: 11 })).toBe('AIOS_UNSUPPORTED')
  })

  it('puts nothing on a card that is larger than what it may take', () => {
    expect(tried({ maxGpuMemoryBytes: 999 })).toEqual(['cpu'])
    expect(tried({ maxGpuMemoryBytes: 999, device: 'cuda' })).toBe('AIOS_QUOTA_EXCEEDED')
    expect(tried({ maxGpuMemoryBytes: 1_000, device: 'cuda' })).toEqual(['cuda'])
  })
})
