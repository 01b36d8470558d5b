import type { LlmDriver } from '@aios/kernel'
import { createTestKernel, fakeDriverServices } from '@aios/kernel/testing'
import { at, scriptedCore, withFaults, withLatency } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { failure } from '../../core/asking.js'

const ASK = { model: 'other', messages: [{ role: 'user' as const, content: 'Who are you?' }] }

/** A core that finds one other, and says what it was asked for. */
function finding(found: LlmDriver): LlmDriver & { readonly names: string[] } {
  const names: string[] = []
  const discover = function (this: LlmDriver, name: string): LlmDriver | undefined {
    names.push(`${name} of ${this.id}`)
    return name === 'other' ? found : undefined
  }
  return { ...scriptedCore(['I am first.'], { id: 'first', model: 'first' }), discover, names }
}
const other = (): LlmDriver => scriptedCore(['I am other.'], { id: 'other', model: 'other', repeat: true })

describe('a core with something before it', () => {
  it('finds what the core finds, and is as slow there', async () => {
    const core = finding(other())
    const kernel = await createTestKernel({ llm: withLatency(core, { ttftMs: 70 }) })
    const answer = kernel.sys().llm.chat(ASK)
    await kernel.clock.advance(1_000)
    const { text, meta } = await answer
    expect([text, meta.executionMs, core.names]).toEqual(['I am other.', 70, ['other of first']])
    expect(await failure(kernel.sys().llm.chat({ ...ASK, model: 'none' }))).toMatchObject({ code: 'AIOS_NO_DEVICE' })
    await kernel.close()
  })

  it('goes wrong there too, by the number of its own requests', async () => {
    const core = withFaults(finding({ ...other(), limits: { maxAttempts: 1 } }), [at(2, 'overloaded')])
    const kernel = await createTestKernel({ llm: core })
    const ask = () => kernel.sys().llm.chat(ASK)
    expect((await ask()).text).toBe('I am other.')
    expect(await failure(ask())).toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    expect(core.injected).toEqual([{ request: 2, fault: 'overloaded' }])
    await kernel.close()
  })

  it('discovers nothing where the core cannot', () => {
    expect(withLatency(other(), {}).discover).toBeUndefined()
  })

  it('refuses to discover a core that answers in batches', async () => {
    const batched = { ...other(), batches: { 'llm.chat': { run: () => Promise.resolve() } } } as LlmDriver
    const core = withLatency(finding(batched), {})
    await core.open?.(fakeDriverServices())
    const found = Promise.resolve(core.discover!('other'))
    expect(await failure(found)).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
  })

  it('makes vectors in batches where the core does', async () => {
    const row = { run: () => Promise.resolve() } as unknown as NonNullable<LlmDriver['batches']>['llm.embed']
    const core: LlmDriver = { kind: 'llm', id: 'v', model: 'v', batches: { 'llm.embed': row } }
    const wrapped = withLatency(core, { ttftMs: 5 })
    expect(wrapped.batches?.['llm.embed']).toBe(row)
  })
})
