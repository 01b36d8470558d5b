/** Opens gguf cores over tiny models, and asks them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// From its import on the package listens to signals, for good: that is none of what a test leaves behind.
import '@aios/ground-gguf'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { gguf, type GgufCore, type GgufOptions } from '@aios/llm/gguf'
import { tinyModel } from '@aios/llm/testing'

/** Makes a folder with two tiny models. */
export function tinyFolder(): { readonly model: string; readonly other: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'aios-tiny-'))
  return {
    model: tinyModel(join(folder, 'tiny.gguf')),
    other: tinyModel(join(folder, 'other.gguf'), { seed: 2 }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export async function openCore(path: string, options: GgufOptions = {}): Promise<GgufCore> {
  const core = gguf(path, { device: 'cpu', threads: 1, ...options })
  await core.open?.(fakeDriverServices(virtualClock()))
  return core
}

export { finishOf, partsOf, question, textOf } from '../local/parts.js'
