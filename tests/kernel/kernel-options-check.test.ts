import { createKernel, fifo, type KernelOptions } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { checkKernelOptions, checkMethodOptions } from '../../packages/kernel/src/kernel-options-check.js'
import { heldCore, heldMemory, heldStorage, heldTools } from './fake-drivers.js'
import { testBed } from './test-bed.js'

const KEYS = 'llm, memory, storage, tools, router, policies, tenants, syscalls, limits, records, log, clock, random'

describe('the options of createKernel', () => {
  it('are all optional, and accepted where they are right', () => {
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    const devices = { llm: [heldCore()], memory: heldMemory(), storage: heldStorage(), tools: heldTools() }
    const policies = { memory: fifo() }
    const limits = { laneDepth: 5, mailboxDepth: undefined }
    const all: unknown[] = [{}, devices, { llm: heldCore(), policies, limits, log }, { log: 'console' }]
    for (const options of all as KernelOptions[]) {
      expect(() => {
        checkKernelOptions(options)
      }).not.toThrow()
    }
  })

  it.each<[unknown, string]>([
    [null, 'Expected an object, got null.'],
    ['x', 'Expected an object, got "x".'],
    [{ lmm: [] }, `Expected only the keys ${KEYS}, got "lmm".`],
    [{ dataDir: '.' }, `Expected only the keys ${KEYS}, got "dataDir".`],
    [
      { llm: heldMemory() },
      'Expected a driver of kind "llm" or an array of them for "llm", got an object with 10 keys.',
    ],
    [{ llm: [heldCore(), 5] }, 'Expected a driver of kind "llm" or an array of them for "llm", got an array of 2.'],
    [{ memory: heldStorage() }, 'Expected a driver of kind "memory" for "memory", got an object with 10 keys.'],
    [{ memory: null }, 'Expected a driver of kind "memory" for "memory", got null.'],
    [{ storage: {} }, 'Expected a driver of kind "storage" for "storage", got an object with 0 keys.'],
    [{ tools: [] }, 'Expected a driver of kind "tool" for "tools", got an array of 0.'],
    [{ router: () => 'a' }, 'Expected a router with a method pick for "router", got a function.'],
    [{ policies: [] }, 'Expected an object for "policies", got an array of 0.'],
    [{ policies: { memory: 'fifo' } }, 'Expected a policy such as roundRobin() for "policies.memory", got "fifo".'],
    [{ policies: { memory: fifo } }, 'Expected a policy such as roundRobin() for "policies.memory", got a function.'],
    [{ syscalls: {} }, 'Expected an array for "syscalls", got an object with 0 keys.'],
    [{ syscalls: [{}] }, 'Expected a syscall made by defineSyscall for "syscalls[0]", got an object with 0 keys.'],
    [{ tenants: { a: { weight: 0 } } }, 'Expected a finite number above 0 for "tenants.a.weight", got 0.'],
    [{ tenants: { a: { wait: 1 } } }, 'Expected only the keys weight, limits in "tenants.a", got "wait".'],
    [{ tenants: ['a'] }, /for "tenants"/ as never],
    [{ limits: { laneDeep: 1 } }, /^Expected only the keys abandonAfterMs, .* in "limits", got "laneDeep"\.$/ as never],
    [{ limits: { laneDepth: 1.5 } }, 'Expected a whole number from 0 for "limits.laneDepth", got 1.5.'],
    [{ limits: { abandonAfterMs: -1 } }, 'Expected a whole number from 0 for "limits.abandonAfterMs", got -1.'],
    [{ log: 'loud' }, 'Expected "silent", "console" or a logger for "log", got "loud".'],
    [
      { log: { info: () => undefined } },
      'Expected "silent", "console" or a logger for "log", got an object with 1 keys.',
    ],
    [{ clock: Date }, 'Expected a clock for "clock", got a function.'],
  ])('say what was expected and what came, number %#', async (options, problem) => {
    const error: unknown = await createKernel(options as never).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect((error as Error).message).toMatch(problem)
  })
})

describe('the options of its methods', () => {
  it.each<[Parameters<typeof checkMethodOptions>[0], unknown, string]>([
    ['close', { drain: 1 }, 'Expected true or false for "drain", got 1.'],
    ['close', { timeoutMs: Infinity }, 'Expected a number from 0 for "timeoutMs", got Infinity.'],
    ['ready', { queued: 0 }, 'Expected a whole number from 1 for "queued", got 0.'],
    ['ready', { signal: 1 }, 'Expected an AbortSignal for "signal", got 1.'],
    ['events', { signals: 1 }, 'Expected only the keys signal, got "signals".'],
    ['events', null, 'Expected an object, got null.'],
  ])('%s rejects %j', (method, options, problem) => {
    expect(() => {
      checkMethodOptions(method, options)
    }).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: problem }))
  })

  it('are looked at by the methods', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    const invalid = expect.objectContaining({ code: 'AIOS_INVALID_OPTION' })
    expect(() => kernel.events({ signal: 'stop' } as never)).toThrow(invalid)
    expect(() => kernel.close({ now: true } as never)).toThrow(invalid)
    await expect(kernel.ready('memory', { queue: 1 } as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})
