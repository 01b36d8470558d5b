import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { tinyModel } from '@aios/llm/testing'
import { inspectModelFile } from '../../../packages/llm/src/gguf/model-file.js'
import { failure } from '../core/asking.js'

const folder = mkdtempSync(join(tmpdir(), 'aios-model-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const file = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const print = async (path: string) => (await inspectModelFile(path)).fingerprint

describe('inspectModelFile', () => {
  it('knows a model by its bytes, wherever it lies', async () => {
    const one = await print(tinyModel(join(folder, 'one.gguf')))
    expect(await print(tinyModel(join(folder, 'copy.gguf')))).toBe(one)
    expect(await print(tinyModel(join(folder, 'two.gguf'), { seed: 2 }))).not.toBe(one)
  })

  it('knows a large file by its length, its beginning, and samples from all over it', async () => {
    const bytes = Buffer.alloc(20_000_000)
    bytes.write('GGUF')
    const whole = await print(file('large.gguf', bytes))
    expect(await print(file('longer.gguf', Buffer.concat([bytes, Buffer.of(0)])))).not.toBe(whole)
    bytes.fill(1, 9_000_000, 9_400_000)
    expect(await print(file('changed.gguf', bytes))).not.toBe(whole)
  })

  it('says what is wrong: no file, no model, an empty one', async () => {
    const code = async (path: string) => (await failure(inspectModelFile(path))).code
    expect(await code(join(folder, 'none.gguf'))).toBe('AIOS_LLM_NOT_FOUND')
    expect(await code(join(file('plain', 'x'), 'below.gguf'))).toBe('AIOS_LLM_NOT_FOUND')
    expect(await code(file('foreign.gguf', 'ggml, not gguf'))).toBe('AIOS_CORRUPT')
    expect(await code(file('empty.gguf', ''))).toBe('AIOS_CORRUPT')
    expect(await code('\0')).toBe('AIOS_LLM_PERMISSION')
  })
})
