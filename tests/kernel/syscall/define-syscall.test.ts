import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createKernel, defineSyscall } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'

declare module '@aios/kernel' {
  interface SyscallFamilies {
    readonly geo: { distance(request: { readonly from: number; readonly to?: number }): Promise<number> }
  }
  interface ErrorCodeRegistry {
    GEO_TOO_FAR: true
  }
}

const distance = defineSyscall({
  name: 'geo.distance',
  request: z.object({ from: z.number(), to: z.number().default(10) }),
  execute: ({ from, to }) => to - from,
})

const always = {
  '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => Promise.resolve({ value }) },
}

describe('defineSyscall', () => {
  it('adds a typed family to every sys, with what its schema made of the request', async () => {
    await using kernel = await createTestKernel({ syscalls: [distance] })
    expect(await kernel.sys().geo.distance({ from: 3 })).toBe(7)
    expect(await kernel.run((sys) => sys.geo.distance({ from: 3, to: 4 }), undefined)).toBe(1)
    expect(kernel.stats().rows).toEqual([{ name: 'geo.distance', fulfilled: 2, rejected: 0, cancelled: 0 }])
  })

  it('rejects a request that its schema refuses with AIOS_INVALID_SYSCALL and the path', async () => {
    await using kernel = await createTestKernel({ syscalls: [distance] })
    await expect(kernel.sys().geo.distance({ from: 'x' } as never)).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringMatching(/geo\.distance: .*from: .*number/) as string,
    })
  })

  it('sends rows with a lane through its slots', async () => {
    let running = 0
    let most = 0
    const slow = defineSyscall({
      name: 'geo.slow',
      request: z.object({}),
      lane: 'geo',
      limits: { concurrency: 2, depth: 3 },
      execute: async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
        running -= 1
      },
    })
    await using kernel = await createTestKernel({ syscalls: [slow] })
    const sys = kernel.sys()
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => sys.call('geo.slow', {})))
    expect(most).toBe(2)
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect(results[5]).toMatchObject({ reason: { code: 'AIOS_QUEUE_FULL' } })
  })

  it.each([
    [{ name: 'Geo', request: z.any(), execute: (): number => 1 }, /a name like "family\.verb"/],
    [{ name: 'geo.x', request: {}, execute: (): number => 1 }, /Expected a Standard Schema/],
    [{ name: 'geo.x', request: z.any() }, /Expected a function for "execute"/],
  ])('refuses %j', (definition, message) => {
    expect(() => defineSyscall(definition as never)).toThrow(message)
  })

  it.each([
    ['a built-in name', [{ name: 'llm.chat', request: z.any(), execute: (): number => 1 }], /got "llm\.chat" twice/],
    [
      'a name of Sys',
      [{ name: 'signal.x', request: z.any(), execute: (): number => 1 }],
      /a family other than pid, signal, call/,
    ],
    [
      'an asynchronous schema',
      [{ name: 'geo.x', request: always, execute: (): number => 1 }],
      /to validate synchronously/,
    ],
    [
      'a lane of the kernel',
      [{ name: 'geo.x', request: z.any(), lane: 'llm/main', execute: (): number => 1 }],
      /a lane of its own/,
    ],
    [
      'limits without a lane',
      [{ name: 'geo.x', request: z.any(), limits: {}, execute: (): number => 1 }],
      /has limits but no lane/,
    ],
    [
      'limits twice',
      [
        { name: 'geo.x', request: z.any(), lane: 'geo', limits: {}, execute: (): number => 1 },
        { name: 'geo.y', request: z.any(), lane: 'geo', limits: {}, execute: (): number => 1 },
      ],
      /in one row only/,
    ],
    [
      'bad limits',
      [{ name: 'geo.x', request: z.any(), lane: 'geo', limits: { concurrency: 0 }, execute: (): number => 1 }],
      /a whole number from 1, or Infinity/,
    ],
  ])('is refused by createKernel with AIOS_INVALID_OPTION for %s', async (_what, definitions, message) => {
    const syscalls = definitions.map((definition) => defineSyscall(definition as never))
    await expect(createKernel({ syscalls })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringMatching(message) as string,
    })
  })

  it('rejects a call whose schema throws', async () => {
    const broken = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => {
          if (value !== undefined) throw new Error('no')
          return { value }
        },
      },
    }
    await using kernel = await createTestKernel({
      syscalls: [defineSyscall({ name: 'geo.z', request: broken, execute: (): number => 1 })],
    })
    await expect(kernel.sys().call('geo.z', {})).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringContaining('threw') as string,
    })
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('rejects a call whose schema turns out to validate asynchronously', async () => {
    const sometimes = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => (value === undefined ? { value } : Promise.resolve({ value })),
      },
    }
    await using kernel = await createTestKernel({
      syscalls: [defineSyscall({ name: 'geo.z', request: sometimes, execute: (): number => 1 })],
    })
    await expect(kernel.sys().call('geo.z', {})).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})
