import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
// From its import on the package listens to signals, for good: that is none of what a test leaves behind.
import '@aios/ground-gguf'
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { gguf, type GgufCore } from '@aios/llm/gguf'
import { llmConformance, tinyModel, type LlmGround } from '@aios/llm/testing'

// The engine computes for real, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'aios-gguf-'))
const model = tinyModel(join(folder, 'tiny.gguf'))
let core: GgufCore

beforeAll(async () => {
  core = gguf(model, { device: 'cpu', threads: 1, contextSize: 1_024 })
  await core.open?.(fakeDriverServices(virtualClock()))
}, 60_000)
afterAll(async () => {
  await core.close?.()
  rmSync(folder, { recursive: true, force: true })
})

/** Of the suite the model is put to what does not depend on what it says: nobody tells it. */
const POSSIBLE =
  /saved after any part|signal that has aborted already|before the first part rejects|abort between them|leaving the loop/

/** The same engine in every case, which answers briefly unless it is to go on until somebody stops it. */
function staged(goesOn: boolean): LlmDriver {
  const { id, resume, backend, capabilities } = core
  return {
    ...{ kind: 'llm', id, model: core.model, resume, backend, capabilities },
    stream: (request, call) => core.stream!(goesOn ? request : { ...request, maxOutputTokens: 24 }, call),
    save: (call) => core.save!(call),
    restore: (state, request, call) => core.restore!(state, { ...request, maxOutputTokens: 24 }, call),
  }
}

describe('gguf() over the tiny model', () => {
  const ground: LlmGround = {
    async stage({ ending }) {
      const before = core.evaluatedTokens
      return {
        driver: staged(ending === 'hang'),
        requests: () => (core.evaluatedTokens === before ? 0 : 1),
        received: () => Promise.resolve(),
        // The only sequence is free when another answer can have it.
        released: async () => {
          const parts = core.stream!(
            { messages: [{ role: 'user', content: 'Still there?' }], maxOutputTokens: 1 },
            fakeDriverCall(),
          )
          for await (const part of parts) if (part.type === 'finish') return
        },
        close: () => Promise.resolve(),
      }
    },
  }
  const cases = llmConformance(ground).filter(({ name }) => POSSIBLE.test(name))
  for (const { name, run } of cases) it(name, run)

  it('was put to five cases', () => {
    expect(cases).toHaveLength(5)
  })
})
