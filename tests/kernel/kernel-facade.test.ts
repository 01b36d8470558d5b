import { describe, expect, it } from 'vitest'
import { testBed } from './test-bed.js'

/** A signal that counts the listeners on it. */
function counted() {
  const controller = new AbortController()
  const { signal } = controller
  const seen = { listeners: 0 }
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    seen.listeners += 1
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    seen.listeners -= 1
    remove(...args)
  }
  return { controller, signal, seen }
}

describe('kernel.events', () => {
  it('ends when its signal aborts', async () => {
    const kernel = await testBed()
    const { controller, signal } = counted()
    const names: string[] = []
    const reading = (async () => {
      for await (const { name } of kernel.events({ signal })) names.push(name)
    })()
    await kernel.run(() => null, undefined)
    await kernel.clock.settle()
    controller.abort()
    await reading
    expect(names).toEqual(['process:spawned', 'process:exited'])
  })

  it('has no event for a signal that aborted before', async () => {
    const kernel = await testBed()
    const events = kernel.events({ signal: AbortSignal.abort() })
    await kernel.run(() => null, undefined)
    for await (const { name } of events) expect(name).toBe('none')
    expect(kernel.ps()).toHaveLength(1)
  })

  it('leaves no listener on its signal when the loop is left', async () => {
    const kernel = await testBed()
    const { signal, seen } = counted()
    const events = kernel.events({ signal })
    expect(seen.listeners).toBe(1)
    await kernel.run(() => null, undefined)
    for await (const { name } of events) if (name === 'process:spawned') break
    expect(seen.listeners).toBe(0)
  })
})

describe('kernel.use', () => {
  it('refuses what is no hook, and returns what takes a hook away again', async () => {
    const kernel = await testBed()
    const invalid = expect.objectContaining({ code: 'AIOS_INVALID_OPTION' })
    for (const wrong of [null, 'hook', { befor: () => undefined }])
      expect(() => kernel.use(wrong as never)).toThrow(invalid)
    const seen: string[] = []
    const stop = kernel.use({ before: ({ name }) => void seen.push(name) })
    const { agent } = kernel.sys()
    await agent.send({ to: 1, message: 1 })
    stop()
    stop()
    await agent.send({ to: 1, message: 2 })
    expect(seen).toEqual(['agent.send'])
  })
})

describe('kernel.on', () => {
  it('refuses an event that there is not, and what is no function', async () => {
    const kernel = await testBed()
    expect(() => kernel.on('process:born' as never, () => undefined)).toThrow(/Expected one of .*process:spawned/)
    expect(() => kernel.on('process:spawned', 'listener' as never)).toThrow(/Expected a function for "listener"/)
  })
})
