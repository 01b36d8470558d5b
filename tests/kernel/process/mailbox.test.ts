import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldTools, watch } from '../fake-drivers.js'
import { row, start, testBed } from '../test-bed.js'

async function pair(limits = {}) {
  const kernel = await testBed({ limits })
  const [a, b] = [await start(kernel), await start(kernel)]
  const send = (message: unknown) => a.sys.agent.send({ to: b.process.pid, message })
  return { kernel, a, b, send }
}

describe('messages', () => {
  it('come in the order they were sent, with their sender and time', async () => {
    const { kernel, b, send } = await pair()
    await send('one')
    await kernel.clock.advance(7)
    await send({ two: [2] })
    expect(row(kernel, b.process.pid).mailbox).toBe(2)
    expect(await b.sys.agent.receive()).toEqual({ from: 1, message: 'one', sentAt: 0 })
    expect(await b.sys.agent.receive()).toEqual({ from: 1, message: { two: [2] }, sentAt: 7 })
    expect(row(kernel, b.process.pid).mailbox).toBe(0)
  })

  it('go straight to whoever waits, the longest waiting first', async () => {
    const { kernel, b, send } = await pair()
    const waiting = [watch(b.sys.agent.receive()), watch(b.sys.agent.receive())]
    await send(1)
    await send(2)
    await kernel.clock.settle()
    expect(waiting.map(({ value }) => (value as { message: unknown }).message)).toEqual([1, 2])
    expect(row(kernel, b.process.pid).mailbox).toBe(0)
  })

  it('can be taken of one sender only; others stay', async () => {
    const { kernel, a, b, send } = await pair()
    const c = await start(kernel)
    await send('from a')
    await c.sys.agent.send({ to: b.process.pid, message: 'from c' })
    expect(await b.sys.agent.receive({ from: c.process.pid })).toMatchObject({ message: 'from c' })
    const waiting = watch(b.sys.agent.receive({ from: c.process.pid }))
    await send('again from a')
    expect([waiting.outcome, row(kernel, b.process.pid).mailbox]).toEqual(['pending', 2])
    await c.sys.agent.send({ to: b.process.pid, message: 'again from c' })
    await kernel.clock.settle()
    expect(waiting.value).toMatchObject({ message: 'again from c' })
    expect(await b.sys.agent.receive({ from: a.process.pid })).toMatchObject({ message: 'from a' })
  })

  it('of another sender pass by a receiver that waits for one, to the next that takes any', async () => {
    const { kernel, b, send } = await pair()
    const c = await start(kernel)
    const picky = watch(b.sys.agent.receive({ from: c.process.pid }))
    const any = watch(b.sys.agent.receive())
    await send('hello')
    await kernel.clock.settle()
    expect([picky.outcome, any.outcome]).toEqual(['pending', 'fulfilled'])
  })

  it('are copied when they are sent', async () => {
    const { b, send } = await pair()
    const message = { list: [1] }
    await send(message)
    message.list.push(2)
    const received = await b.sys.agent.receive()
    expect(received.message).toEqual({ list: [1] })
    expect(received.message).not.toBe(message)
  })

  it('reject with AIOS_NOT_CLONEABLE if they hold functions', async () => {
    const { kernel, b, send } = await pair()
    await expect(send({ run: () => 1 })).rejects.toMatchObject({ code: 'AIOS_NOT_CLONEABLE' })
    expect(row(kernel, b.process.pid).mailbox).toBe(0)
  })

  it('reject with AIOS_NO_SUCH_PROCESS to a process that has ended or never was', async () => {
    const { a, b, send } = await pair()
    b.process.kill()
    await expect(send('x')).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
    await expect(a.sys.agent.send({ to: 99, message: 'x' })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
    await expect(a.sys.agent.receive({ from: 99 })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
  })

  it('can be sent to oneself', async () => {
    const { a } = await pair()
    await a.sys.agent.send({ to: a.process.pid, message: 'note' })
    expect(await a.sys.agent.receive()).toMatchObject({ from: a.process.pid, message: 'note' })
  })

  it('are told of', async () => {
    const { kernel, b, send } = await pair()
    const events = recordEvents(kernel, 'message:sent')
    await send('secret')
    expect(events.of('message:sent')).toEqual([{ from: 1, to: b.process.pid, at: 0 }])
  })
})

describe('the bound of a mailbox', () => {
  it('turns messages away with AIOS_QUEUE_FULL, which may be tried again', async () => {
    const { kernel, b, send } = await pair({ mailboxDepth: 2 })
    const events = recordEvents(kernel, 'message:sent')
    await send(1)
    await send(2)
    await expect(send(3)).rejects.toMatchObject({ code: 'AIOS_QUEUE_FULL', retryable: true })
    expect(events.all).toHaveLength(2)
    await b.sys.agent.receive()
    await send(4)
    expect(row(kernel, b.process.pid).mailbox).toBe(2)
  })

  it('does not stop a message that somebody waits for', async () => {
    const { kernel, b, send } = await pair({ mailboxDepth: 0 })
    const waiting = watch(b.sys.agent.receive())
    await send('direct')
    await kernel.clock.settle()
    expect(waiting.value).toMatchObject({ message: 'direct' })
    await expect(send('too many')).rejects.toMatchObject({ code: 'AIOS_QUEUE_FULL' })
  })

  it('is limits.mailboxDepth, 1,000 where nothing is given', async () => {
    const { send } = await pair()
    for (let n = 0; n < 1_000; n += 1) await send(n)
    await expect(send('more')).rejects.toThrow(/already holds 1000 messages/)
  })
})

describe('a receiver', () => {
  it('takes no message once it was cancelled', async () => {
    const { kernel, b, send } = await pair()
    const controller = new AbortController()
    const waiting = watch(b.sys.agent.receive({}, { signal: controller.signal }))
    controller.abort('never mind')
    await send('kept')
    await kernel.clock.settle()
    expect([waiting.error, row(kernel, b.process.pid).mailbox]).toEqual(['never mind', 1])
  })

  it('gives up with AIOS_NO_SUCH_PROCESS when the sender it waits for ends', async () => {
    const { kernel, a, b } = await pair()
    const waiting = watch(b.sys.agent.receive({ from: a.process.pid }))
    a.returns('a result is no message')
    await kernel.clock.settle()
    expect(waiting.error).toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS', message: /ended without sending/ })
  })

  it('leaves the sender alone when it gave up first', async () => {
    const { kernel, a, b } = await pair()
    const waiting = watch(b.sys.agent.receive({ from: a.process.pid }, { deadlineMs: 5 }))
    await kernel.clock.advance(5)
    a.returns()
    await kernel.clock.settle()
    expect(waiting.outcome).toBe('AIOS_DEADLINE_EXCEEDED')
  })
})

describe('a suspended process', () => {
  it('takes no message: it stays in the mailbox, so that a call given up meanwhile does not lose it', async () => {
    const { kernel, b, send } = await pair()
    const controller = new AbortController()
    const waiting = watch(b.sys.agent.receive({}, { signal: controller.signal }))
    b.process.suspend()
    await send('kept')
    expect([waiting.outcome, row(kernel, b.process.pid).mailbox]).toEqual(['pending', 1])
    controller.abort('never mind')
    b.process.resume()
    expect(await b.sys.agent.receive()).toMatchObject({ message: 'kept' })
    expect(waiting.error).toBe('never mind')
  })

  it('gets its messages on resume, in order, each receiver what it waits for', async () => {
    const { kernel, a, b, send } = await pair()
    const c = await start(kernel)
    const picky = watch(b.sys.agent.receive({ from: c.process.pid }))
    const [first, second] = [watch(b.sys.agent.receive()), watch(b.sys.agent.receive())]
    b.process.suspend()
    await send(1)
    await send(2)
    await send(3)
    b.process.resume()
    await kernel.clock.settle()
    expect([first, second].map(({ value }) => value)).toMatchObject([{ message: 1 }, { message: 2 }])
    expect([picky.outcome, row(kernel, b.process.pid).mailbox]).toEqual(['pending', 1])
    expect(await b.sys.agent.receive({ from: a.process.pid })).toMatchObject({ message: 3 })
  })

  it('fills its mailbox up to the bound, whoever waits', async () => {
    const { b, send } = await pair({ mailboxDepth: 1 })
    void watch(b.sys.agent.receive())
    b.process.suspend()
    await send('fits')
    await expect(send('too many')).rejects.toMatchObject({ code: 'AIOS_QUEUE_FULL' })
    b.process.resume()
    await send('again')
    expect(await b.sys.agent.receive()).toMatchObject({ message: 'again' })
  })

  it('still takes messages through a tool that works for it', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(b.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    const waiting = watch(tools.held.call('t').sys.agent.receive())
    b.process.suspend()
    await a.sys.agent.send({ to: b.process.pid, message: 'for the tool' })
    await kernel.clock.settle()
    expect(waiting.value).toMatchObject({ message: 'for the tool' })
  })
})
