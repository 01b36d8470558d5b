import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, watch } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

/** A memory lane with one slot taken and so many calls waiting. */
async function backlog(waiting: number) {
  const memory = heldMemory({ limits: { concurrency: 1 } })
  const kernel = await testBed({ memory })
  const { sys } = await start(kernel)
  for (let n = 0; n <= waiting; n += 1) void watch(sys.memory.add({ content: String(n) }))
  const next = async () => {
    memory.held.succeed(memory.held.running[0]!)
    await kernel.clock.settle()
  }
  return { kernel, next }
}

describe('ready', () => {
  it('resolves at once while fewer calls wait than the lane has slots', async () => {
    const { kernel } = await backlog(0)
    const ready = watch(kernel.ready('memory'))
    await kernel.clock.settle()
    expect(ready.outcome).toBe('fulfilled')
  })

  it('waits until that is so, as producers should', async () => {
    const { kernel, next } = await backlog(2)
    const ready = [watch(kernel.ready('memory')), watch(kernel.ready('memory'))]
    await next()
    expect(ready.map(({ outcome }) => outcome)).toEqual(['pending', 'pending'])
    await next()
    expect(ready.map(({ outcome }) => outcome)).toEqual(['fulfilled', 'fulfilled'])
  })

  it('waits until fewer than `queued` wait, where that is given', async () => {
    const { kernel, next } = await backlog(4)
    const [three, five] = [watch(kernel.ready('memory', { queued: 3 })), watch(kernel.ready('memory', { queued: 5 }))]
    await kernel.clock.settle()
    expect([three.outcome, five.outcome]).toEqual(['pending', 'fulfilled'])
    await next()
    expect(three.outcome).toBe('pending')
    await next()
    expect(three.outcome).toBe('fulfilled')
  })

  it('also counts a waiting call that was cancelled', async () => {
    const { kernel } = await backlog(1)
    const ready = watch(kernel.ready('memory'))
    kernel.killAll()
    await kernel.clock.settle()
    expect(ready.outcome).toBe('fulfilled')
  })

  it('means any core by llm', async () => {
    const cores = ['a', 'b'].map((id) => heldCore({ id, limits: { concurrency: 1 } }))
    const kernel = await testBed({ llm: cores })
    const { sys } = await start(kernel)
    const ask = (model: string, content: string) =>
      void watch(sys.llm.chat({ model, messages: [{ role: 'user', content }] }))
    for (const content of ['1', '2']) ask('a', content)
    const free = watch(kernel.ready('llm'))
    for (const content of ['1', '2']) ask('b', content)
    const full = watch(kernel.ready('llm'))
    await kernel.clock.settle()
    expect([free.outcome, full.outcome]).toEqual(['fulfilled', 'pending'])
    cores[1]!.held.succeed('1', {})
    await kernel.clock.settle()
    expect(full.outcome).toBe('fulfilled')
  })

  it('rejects with the reason of its signal, before or after, and leaves no listener behind', async () => {
    const { kernel, next } = await backlog(1)
    const controller = new AbortController()
    const { signal } = controller
    let listeners = 0
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    await expect(kernel.ready('memory', { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    const later = new AbortController()
    const aborted = watch(kernel.ready('memory', { signal: later.signal }))
    const ready = watch(kernel.ready('memory', { signal }))
    expect(listeners).toBe(1)
    later.abort('after')
    await next()
    expect([aborted.error, ready.outcome, listeners]).toEqual(['after', 'fulfilled', 0])
  })

  it('lets everybody go on when the kernel closes, and rejects from then on', async () => {
    const { kernel } = await backlog(1)
    const ready = watch(kernel.ready('memory'))
    void kernel.close()
    await kernel.clock.settle()
    expect(ready.outcome).toBe('fulfilled')
    await expect(kernel.ready('memory')).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
  })

  it('rejects what it does not know, and a room that can never be', async () => {
    const { kernel } = await backlog(1)
    for (const options of [{ queue: 3 }, { queued: 0 }, { queued: '3' }, { signal: 'stop' }]) {
      await expect(kernel.ready('memory', options as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    }
  })
})
