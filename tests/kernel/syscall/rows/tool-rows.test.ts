import { describe, expect, it } from 'vitest'
import type { DriverCall, PreparedToolCall, ToolDriver } from '@aios/kernel/driver'
import { AiosError } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { ASK, sayingCore } from '../cores.js'

type Run = (input: unknown, call: DriverCall) => unknown

/** A tool device of plain functions, named `local/<key>`. */
function toolbox(
  runs: Readonly<Record<string, Run>>,
  prepare?: (name: string) => PreparedToolCall | Promise<PreparedToolCall>,
): ToolDriver {
  const info = (key: string) => ({
    name: `local/${key}`,
    source: 'local',
    description: `Does ${key}.`,
    inputSchema: { type: 'object' },
  })
  const keyOf = (name: string): string => name.replace('local/', '')
  return {
    kind: 'tool',
    id: 'box',
    list: () => Object.keys(runs).map(info),
    resolve: (name) => {
      if (runs[keyOf(name)] === undefined) throw new AiosError('AIOS_NO_SUCH_TOOL', `No tool ${name}.`)
      return info(keyOf(name))
    },
    prepare: (name, input) => prepare?.(name) ?? { conflictKeys: [], run: (call) => runs[keyOf(name)]?.(input, call) },
  }
}

const add: Run = (input) =>
  (input as { readonly a: number; readonly b: number }).a + (input as { readonly b: number }).b

describe('tool.call', () => {
  it('resolves a bare name and returns the output with the full one', async () => {
    await using kernel = await createTestKernel({ tools: toolbox({ add, slow: async () => 'later' }) })
    const { tool } = kernel.sys()
    expect(await tool.call({ name: 'add', input: { a: 2, b: 3 } })).toEqual({ name: 'local/add', output: 5 })
    expect(await tool.call({ name: 'local/slow' })).toEqual({ name: 'local/slow', output: 'later' })
    await expect(tool.call({ name: 'sub' })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_TOOL' })
  })

  it('waits for a driver that prepares asynchronously, and can be cancelled meanwhile', async () => {
    let ready: ((prepared: PreparedToolCall) => void) | undefined
    await using kernel = await createTestKernel({
      tools: toolbox(
        { add },
        () =>
          new Promise((resolve) => {
            ready = resolve
          }),
      ),
    })
    const stop = new AbortController()
    const cancelled = kernel.sys().tool.call({ name: 'add' }, { signal: stop.signal })
    stop.abort('no')
    await expect(cancelled).rejects.toBe('no')
    ready?.({
      conflictKeys: [],
      run: () => {
        throw new Error('must not run')
      },
    })
    const call = kernel.sys().tool.call({ name: 'add' })
    expect(kernel.ps()[0]?.calls[0]).toMatchObject({
      state: 'waiting',
      waitsFor: expect.stringContaining('a hook or a check of its input') as string,
    })
    ready?.({ conflictKeys: [], run: () => 'ran' })
    expect((await call).output).toBe('ran')
  })

  it('rejects with what an asynchronous preparation rejects with', async () => {
    await using kernel = await createTestKernel({
      tools: toolbox({ add }, () => Promise.reject(new AiosError('AIOS_INVALID_TOOL_INPUT', 'a: Required'))),
    })
    await expect(kernel.sys().tool.call({ name: 'add' })).rejects.toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
  })

  it('needs a grant where tools are granted', async () => {
    await using kernel = await createTestKernel({ tools: toolbox({ add, rm: () => 1 }) })
    const grants = { tools: ['local/a*'] }
    expect(
      await kernel.run((sys) => sys.tool.call({ name: 'add', input: { a: 1, b: 1 } }), undefined, { grants }),
    ).toMatchObject({ output: 2 })
    await expect(kernel.run((sys) => sys.tool.call({ name: 'rm' }), undefined, { grants })).rejects.toMatchObject({
      code: 'AIOS_ACCESS_DENIED',
    })
    expect(await kernel.run((sys) => sys.tool.list(), undefined, { grants })).toMatchObject([{ name: 'local/add' }])
  })

  it('makes kernel.run and kernel.sys inside a tool children of its caller', async () => {
    const seen: unknown[] = []
    await using kernel = await createTestKernel({
      llm: sayingCore('ok'),
      tools: toolbox({
        nest: async (_input, call) => {
          seen.push(call.pid, kernel.sys().pid)
          await kernel.sys().llm.chat(ASK)
          return kernel.run((sys) => sys.pid, undefined)
        },
      }),
    })
    const parent = kernel.spawn(async (sys) => (await sys.tool.call({ name: 'nest' })).output, undefined)
    const childPid = await parent.result
    expect(seen).toEqual([parent.pid, parent.pid])
    expect(kernel.ps().find(({ pid }) => pid === childPid)).toMatchObject({ parentPid: parent.pid })
    expect(parent.usage).toMatchObject({ calls: 2, inputTokens: 10 })
  })
})

describe('tool.callAll', () => {
  it('runs every call, whatever becomes of the others, and answers in order by id', async () => {
    await using kernel = await createTestKernel({
      tools: toolbox({
        add,
        fail: () => {
          throw new AiosError('AIOS_TOOL_FAILED', 'broken')
        },
      }),
    })
    const outcomes = await kernel.sys().tool.callAll({
      calls: [
        { id: '1', name: 'fail' },
        { id: '2', name: 'add', input: { a: 1, b: 2 } },
        { id: '3', name: 'none' },
        { id: '4', name: 'add', type: 'tool-call', inputText: '{', invalid: 'unexpected end', input: undefined },
        { id: '5', name: '', type: 'tool-call', inputText: '{}', invalid: 'The model named no tool.', input: {} },
      ],
    })
    expect(outcomes).toMatchObject([
      {
        id: '1',
        name: 'fail',
        status: 'rejected',
        error: { code: 'AIOS_TOOL_FAILED', message: 'broken', retryable: false },
      },
      { id: '2', name: 'add', status: 'fulfilled', output: 3 },
      { id: '3', name: 'none', status: 'rejected', error: { code: 'AIOS_NO_SUCH_TOOL' } },
      {
        id: '4',
        status: 'rejected',
        error: { code: 'AIOS_INVALID_TOOL_INPUT', message: expect.stringContaining('unexpected end') as string },
      },
      { id: '5', name: '', status: 'rejected', error: { code: 'AIOS_NO_SUCH_TOOL' } },
    ])
  })

  it('holds no slot itself: it works at concurrency 1', async () => {
    await using kernel = await createTestKernel({ tools: { ...toolbox({ add }), limits: { concurrency: 1 } } })
    const calls = ['1', '2', '3'].map((id) => ({ id, name: 'add', input: { a: 1, b: 1 } }))
    expect(await kernel.sys().tool.callAll({ calls })).toHaveLength(3)
    expect(await kernel.sys().tool.callAll({ calls: [] })).toEqual([])
  })

  it('cancels all its calls when it is cancelled', async () => {
    await using kernel = await createTestKernel({
      tools: toolbox({
        hang: (_input, call) =>
          new Promise((_resolve, reject) => {
            call.signal.addEventListener('abort', () => {
              reject(call.signal.reason as Error)
            })
          }),
      }),
    })
    const stop = new AbortController()
    const all = kernel.sys().tool.callAll(
      {
        calls: [
          { id: '1', name: 'hang' },
          { id: '2', name: 'hang' },
        ],
      },
      { signal: stop.signal },
    )
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 2 })
    stop.abort('all')
    await expect(all).rejects.toBe('all')
    await kernel.clock.settle()
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
  })

  it('refuses two calls with one id', async () => {
    await using kernel = await createTestKernel({ tools: toolbox({ add }) })
    await expect(
      kernel.sys().tool.callAll({
        calls: [
          { id: '1', name: 'add' },
          { id: '1', name: 'add' },
        ],
      }),
    ).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL', message: expect.stringContaining('"1" twice') as string })
  })
})

describe('tool.list', () => {
  it('lists the tools, of one source if asked', async () => {
    await using kernel = await createTestKernel({ tools: toolbox({ add }) })
    expect(await kernel.sys().tool.list()).toMatchObject([{ name: 'local/add', description: 'Does add.' }])
    expect(await kernel.sys().tool.list({ source: 'builtin' })).toEqual([])
  })
})
