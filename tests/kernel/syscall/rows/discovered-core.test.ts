import { AiosError } from '@aios/kernel'
import type { LlmDriver } from '@aios/kernel/driver'
import { createTestKernel } from '@aios/kernel/testing'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { said } from '../cores.js'

const messages = [{ role: 'user', content: 'Hi' }] as const

function core(name: string, more: Partial<LlmDriver> = {}): LlmDriver {
  return { kind: 'llm', id: name, model: name, backend: 'shelf', chat: () => said(`I am ${name}.`), ...more }
}

/** A driver that knows models by name, and remembers what it was asked for. */
function shelf(models: Readonly<Record<string, () => LlmDriver | Promise<LlmDriver>>>, more: Partial<LlmDriver> = {}) {
  const asked: string[] = []
  const driver: LlmDriver = {
    kind: 'llm',
    id: 'shelf',
    model: 'any',
    backend: 'shelf',
    discover: (name) => {
      asked.push(name)
      return models[name]?.()
    },
    ...more,
  }
  return { driver, asked }
}

describe('a call for a model that no core serves', () => {
  it('goes to a core that a driver finds, which stays for those that follow', async () => {
    const { driver, asked } = shelf({ new: () => core('new') })
    await using kernel = await createTestKernel({ llm: [core('old'), driver] })
    const { llm } = kernel.sys()
    expect((await llm.chat({ messages, llms: [{ name: 'new', backend: 'shelf' }] })).text).toBe('I am new.')
    expect((await llm.chat({ messages, model: 'new' })).text).toBe('I am new.')
    expect(asked).toEqual(['new'])
    expect(kernel.stats().lanes.map(({ lane }) => lane)).toContain('llm/new')
  })

  it('is streamed and embedded by such a core too', async () => {
    const vectors = [Float32Array.of(1)]
    const embed = () => ({ vectors, usage: { input: {}, output: {} } })
    const { driver } = shelf({
      new: () => core('new'),
      vec: () => ({ kind: 'llm' as const, id: 'vec', model: 'vec', embed }),
    })
    await using kernel = await createTestKernel({ llm: driver })
    const { llm } = kernel.sys()
    expect((await llm.stream({ messages, model: 'new' }).result).text).toBe('I am new.')
    expect((await llm.embed({ input: ['a'], model: 'vec' })).vectors).toEqual(vectors)
  })

  it('asks nobody where a core that is there will do', async () => {
    const { driver, asked } = shelf({ new: () => core('new') })
    await using kernel = await createTestKernel({ llm: [core('old'), driver] })
    const { llm } = kernel.sys()
    await llm.chat({ messages })
    await llm.chat({ messages, llms: [{ name: 'new' }, { name: 'old' }] })
    expect(asked).toEqual([])
  })

  it('asks nobody for a core that is there and does something else', async () => {
    const { driver, asked } = shelf({ old: () => core('old') })
    await using kernel = await createTestKernel({ llm: [core('old'), driver] })
    await expect(kernel.sys().llm.embed({ input: ['a'], model: 'old' })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
    })
    expect(asked).toEqual([])
  })

  it('is refused as ever where nobody knows it, with a driver of another backend unasked', async () => {
    const { driver, asked } = shelf({})
    const other = shelf({ new: () => core('new') }, { id: 'other', backend: 'other' })
    await using kernel = await createTestKernel({ llm: [core('old'), driver, other.driver] })
    const call = kernel.sys().llm.chat({ messages, llms: [{ name: 'new', backend: 'shelf' }] })
    await expect(call).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: 'Expected a model among old, got "new".',
    })
    expect([asked, other.asked]).toEqual([['new'], []])
  })

  it('waits with others for one search, and one core is added', async () => {
    let found: (core: LlmDriver) => void = () => undefined
    let opened = 0
    const { driver, asked } = shelf({ new: () => new Promise((resolve) => (found = resolve)) })
    await using kernel = await createTestKernel({ llm: driver })
    const { llm } = kernel.sys()
    const both = Promise.all([llm.chat({ messages, model: 'new' }), llm.chat({ messages, model: 'new' })])
    found(core('new', { open: () => void (opened += 1) }))
    expect((await both).map(({ text }) => text)).toEqual(['I am new.', 'I am new.'])
    expect([asked, opened]).toEqual([['new'], 1])
  })

  it('says who could not be asked, and why', async () => {
    const cause = new AiosError('AIOS_LLM_NETWORK', 'Nobody is there.')
    const { driver } = shelf({ new: () => Promise.reject(cause) })
    await using kernel = await createTestKernel({ llm: [core('old'), driver] })
    await expect(kernel.sys().llm.chat({ messages, model: 'new' })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: 'Expected a model among old, got "new". It was looked for in vain. shelf: Nobody is there.',
      cause,
    })
  })

  it('goes to the first driver in order that knows it, also where one before it fails', async () => {
    const failing = shelf({ new: () => Promise.reject(new Error('Out.')) }, { id: 'a' })
    const first = shelf({ new: () => core('new', { chat: () => said('first') }) }, { id: 'b' })
    const second = shelf({ new: () => core('new', { chat: () => said('second') }) }, { id: 'c' })
    await using kernel = await createTestKernel({ llm: [failing.driver, first.driver, second.driver] })
    expect((await kernel.sys().llm.chat({ messages, model: 'new' })).text).toBe('first')
  })

  it('tells why a core that was found could not be added', async () => {
    const { driver } = shelf({ x: () => core('old'), y: () => ({ kind: 'memory' }) as unknown as LlmDriver })
    await using kernel = await createTestKernel({ llm: [core('old'), driver] })
    const { llm } = kernel.sys()
    await expect(llm.chat({ messages, model: 'x' })).rejects.toThrow('got a second "llm/old"')
    await expect(llm.chat({ messages, model: 'y' })).rejects.toThrow('Expected discover to return an llm driver')
  })

  it('is not looked for on behalf of a process that may not use it, and is for one that may', async () => {
    const { driver, asked } = shelf({ new: () => core('new') })
    await using kernel = await createTestKernel({ llm: [core('old'), driver] })
    const barred = kernel.sys({ grants: { models: ['old'] } })
    await expect(barred.llm.chat({ messages, model: 'new' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    expect(asked).toEqual([])
    const allowed = kernel.sys({ grants: { models: ['new'] } })
    expect((await allowed.llm.chat({ messages, model: 'new' })).text).toBe('I am new.')
  })

  it('rejects with its own reason when it is given up meanwhile; the core is added all the same', async () => {
    let found: (core: LlmDriver) => void = () => undefined
    const { driver } = shelf({ new: () => new Promise((resolve) => (found = resolve)) })
    await using kernel = await createTestKernel({ llm: driver })
    const { llm } = kernel.sys()
    const controller = new AbortController()
    const given = llm.chat({ messages, model: 'new' }, { signal: controller.signal })
    const reason = new Error('No longer needed.')
    controller.abort(reason)
    await expect(given).rejects.toBe(reason)
    const other = llm.chat({ messages, model: 'new' })
    found(core('new'))
    expect((await other).text).toBe('I am new.')
    expect(kernel.stats().lanes.at(-1)).toMatchObject({ lane: 'llm/new', running: 0, queued: 0 })
  })

  it('rejects when the kernel closes, and a core found later is not opened', async () => {
    let found: (core: LlmDriver) => void = () => undefined
    const { driver } = shelf({ new: () => new Promise((resolve) => (found = resolve)) })
    const kernel = await createTestKernel({ llm: driver })
    const call = kernel.sys().llm.chat({ messages, model: 'new' })
    const refused = expect(call).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
    await kernel.close()
    await refused
    let opened = false
    found(core('new', { open: () => void (opened = true) }))
    await setImmediate()
    expect(opened).toBe(false)
  })
})
