/** Opens gguf cores over tiny models, and asks them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// From its import on the package listens to signals, for good: that is none of what a test leaves behind.
import '@aios/ground-gguf'
import type { CoreRequest, StreamPart } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
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

/** A request with one question. */
export function question(content: string, more: Partial<CoreRequest> = {}): CoreRequest {
  return { messages: [{ role: 'user', content }], ...more }
}

export async function partsOf(
  core: GgufCore,
  request: CoreRequest,
  call = fakeDriverCall(),
): Promise<readonly StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of core.stream!(request, call)) parts.push(part)
  return parts
}

export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
}

export function finishOf(parts: readonly StreamPart[]): Extract<StreamPart, { type: 'finish' }> {
  const last = parts.at(-1)
  if (last?.type !== 'finish') throw new Error(`Expected a finish, got ${last?.type}.`)
  return last
}
