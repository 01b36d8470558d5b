import { describe, expect, it } from 'vitest'
import type { StreamPart } from '@aios/kernel/driver'
import type { ChatReply, ChatRequest } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { ASK, heldCore, said, spoken, streamingCore } from './cores.js'

const echo = {
  kind: 'llm' as const,
  id: 'echo',
  model: 'echo',
  chat: (request: { readonly messages: readonly { readonly content: unknown }[] }) =>
    said(String(request.messages[0]?.content)),
}
const asking = (content: string): ChatRequest => ({ messages: [{ role: 'user', content }] })

describe('kernel.use', () => {
  it('runs hooks like layers of an onion, the one added first outermost', async () => {
    await using kernel = await createTestKernel({ llm: echo })
    const order: string[] = []
    for (const name of ['1', '2']) {
      kernel.use({
        before: () => {
          order.push(`before ${name}`)
        },
        around: async (_call, next) => {
          order.push(`around ${name} in`)
          const result = await next()
          order.push(`around ${name} out`)
          return result
        },
        after: () => {
          order.push(`after ${name}`)
        },
      })
    }
    await kernel.sys().llm.chat(ASK)
    expect(order).toEqual([
      'before 1',
      'around 1 in',
      'before 2',
      'around 2 in',
      'around 2 out',
      'after 2',
      'around 1 out',
      'after 1',
    ])
  })

  it('lets before change the request and after the result, also asynchronously', async () => {
    await using kernel = await createTestKernel({ llm: echo })
    kernel.use({ before: () => asking('sync') }, 'llm.chat')
    kernel.use(
      {
        before: async () => asking('async'),
        after: async (_call, reply) => ({ ...(reply as ChatReply), text: 'after' }),
      },
      ['llm.*'],
    )
    const reply = await kernel.sys().llm.chat(ASK)
    expect(reply.text).toBe('after')
    expect(reply.message.content).toEqual([{ type: 'text', text: 'async' }])
  })

  it('validates a replaced request again', async () => {
    await using kernel = await createTestKernel({ llm: echo })
    kernel.use({ before: () => ({ messages: [] }) })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringContaining('as a hook changed it') as string,
    })
    await expect(kernel.sys().llm.stream(ASK).result).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
  })

  it('takes what around returns as the result when it does not call next', async () => {
    const core = heldCore()
    await using kernel = await createTestKernel({ llm: core })
    kernel.use({ around: () => ({ text: 'cached' }) })
    expect(await kernel.sys().llm.chat(ASK)).toEqual({ text: 'cached' })
    expect(core.held).toHaveLength(0)
  })

  it('lets next be called only once', async () => {
    await using kernel = await createTestKernel({ llm: echo })
    kernel.use({
      name: 'twice',
      around: async (_call, next) => {
        await next()
        return next()
      },
    })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({
      code: 'AIOS_HOOK_FAILED',
      message: expect.stringContaining('twice') as string,
    })
  })

  it.each([
    [
      'before',
      {
        before: () => {
          throw new Error('no')
        },
      },
    ],
    [
      'an asynchronous before',
      {
        before: async () => {
          throw new Error('no')
        },
      },
    ],
    [
      'around',
      {
        around: () => {
          throw new Error('no')
        },
      },
    ],
    [
      'after',
      {
        after: () => {
          throw new Error('no')
        },
      },
    ],
  ])('rejects only that call with AIOS_HOOK_FAILED when %s throws', async (_name, hook) => {
    await using kernel = await createTestKernel({ llm: echo })
    const off = kernel.use(hook)
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({
      code: 'AIOS_HOOK_FAILED',
      cause: { message: 'no' },
    })
    off()
    expect((await kernel.sys().llm.chat(asking('fine'))).text).toBe('fine')
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('passes what the call itself rejected with through around, untouched', async () => {
    const core = heldCore()
    await using kernel = await createTestKernel({ llm: core })
    const seen: unknown[] = []
    kernel.use({
      around: async (_call, next) => {
        try {
          return await next()
        } catch (error) {
          seen.push(error)
          throw error
        }
      },
    })
    const broken = new Error('down')
    const call = kernel.sys().llm.chat(ASK)
    core.held[0]?.fail(broken)
    await expect(call).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED', cause: broken })
    expect(seen).toMatchObject([{ code: 'AIOS_DRIVER_FAILED' }])
  })

  it('does not let a hook see syscalls that hooks make', async () => {
    await using kernel = await createTestKernel({ llm: echo })
    const seen: string[] = []
    kernel.use({
      before: async (call) => {
        seen.push(call.name)
        await call.sys.llm.chat(asking('through its own sys'))
        await kernel.sys().llm.chat(asking('through the kernel'))
      },
    })
    await kernel.sys().llm.chat(ASK)
    expect(seen).toEqual(['llm.chat'])
  })

  it('starts a call in the same tick when its hooks are synchronous', async () => {
    const core = heldCore()
    await using kernel = await createTestKernel({ llm: core })
    kernel.use({ before: () => undefined })
    const call = kernel.sys().llm.chat(ASK)
    expect(core.held).toHaveLength(1)
    core.held[0]?.answer(said('x'))
    await call
  })

  it('cancels a call that waits for an asynchronous hook at once', async () => {
    const core = heldCore()
    await using kernel = await createTestKernel({ llm: core })
    let release: (() => void) | undefined
    kernel.use({
      before: () =>
        new Promise<void>((resolve) => {
          release = resolve
        }),
    })
    const stop = new AbortController()
    const call = kernel.sys().llm.chat(ASK, { signal: stop.signal })
    stop.abort('changed my mind')
    await expect(call).rejects.toBe('changed my mind')
    release?.()
    await kernel.clock.settle()
    expect(core.held).toHaveLength(0)
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('rejects a hook with an unknown key and one that is no object', async () => {
    await using kernel = await createTestKernel()
    expect(() => kernel.use({ befor: () => undefined } as never)).toThrow(
      /Expected only the keys name, before, after, around/,
    )
    expect(() => kernel.use(null as never)).toThrow(/Expected an object with before/)
  })
})

describe('hooks on llm.stream', () => {
  it('wraps the iterable by around and gives after the final reply', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a', 'b')) })
    kernel.use(
      {
        around: (_call, next) =>
          (async function* () {
            for await (const part of next() as AsyncIterable<StreamPart>) {
              yield part.type === 'text-delta' ? { ...part, text: part.text.toUpperCase() } : part
            }
          })(),
        after: (_call, reply) => ({ ...(reply as ChatReply), text: `${(reply as ChatReply).text}!` }),
      },
      'llm.stream',
    )
    const stream = kernel.sys().llm.stream(ASK)
    const seen: string[] = []
    for await (const part of stream) if (part.type === 'text-delta') seen.push(part.text)
    expect([seen, (await stream.result).text]).toEqual([['A', 'B'], 'AB!'])
  })

  it('enqueues the call at once when around calls next at once', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a')) })
    kernel.use({ around: (_call, next) => next() })
    const stream = kernel.sys().llm.stream(ASK)
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1 })
    await stream.result
  })

  it('waits for an asynchronous before, and for an around that returns a promise', async () => {
    await using kernel = await createTestKernel({
      llm: streamingCore((request) => spoken(request.messages[0]?.content as string)),
    })
    kernel.use({ before: async () => asking('changed') })
    kernel.use({ around: async (_call, next) => next() })
    expect((await kernel.sys().llm.stream(ASK).result).text).toBe('changed')
  })

  it('is a short cut when around does not call next', async () => {
    let asked = false
    await using kernel = await createTestKernel({
      llm: streamingCore(() => {
        asked = true
        return spoken('a')
      }),
    })
    kernel.use({
      async *around() {
        yield* spoken('cached')
      },
    })
    expect((await kernel.sys().llm.stream(ASK).result).text).toBe('cached')
    expect(asked).toBe(false)
  })

  it.each([
    [
      'before throws',
      {
        before: () => {
          throw new Error('no')
        },
      },
    ],
    [
      'before rejects',
      {
        before: async () => {
          throw new Error('no')
        },
      },
    ],
    [
      'around throws',
      {
        around: () => {
          throw new Error('no')
        },
      },
    ],
    ['around returns no iterable', { around: () => 7 }],
    [
      'the wrapped iterable throws',
      {
        async *around(): AsyncGenerator<StreamPart> {
          yield { type: 'start' }
          throw new Error('no')
        },
      },
    ],
    [
      'after throws',
      {
        after: () => {
          throw new Error('no')
        },
      },
    ],
  ])('rejects only that stream with AIOS_HOOK_FAILED when %s', async (_name, hook) => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a')) })
    const off = kernel.use(hook)
    await expect(kernel.sys().llm.stream(ASK).result).rejects.toMatchObject({ code: 'AIOS_HOOK_FAILED' })
    off()
    expect((await kernel.sys().llm.stream(ASK).result).text).toBe('a')
    await kernel.clock.advance(10_000)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
  })

  it('passes a failure of the device through as it is', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => [{ type: 'start' }]) })
    kernel.use({ around: (_call, next) => next() })
    await expect(kernel.sys().llm.stream(ASK).result).rejects.toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
  })
})
