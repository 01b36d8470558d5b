import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { calculator, defineTool, tools, type Tool } from '@aios/tools'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTools, rejection, thrown } from '../open-tools.js'

const named = (name: string, source = 'local', more: object = {}): Tool =>
  defineTool({
    name,
    source,
    description: `The ${name} of ${source}.`,
    input: z.object({}),
    execute: () => name,
    ...more,
  })
const never = () => new Promise<never>(() => undefined)

it('is the tool device, with an id and limits of your choice', () => {
  expect(tools([])).toMatchObject({ kind: 'tool', id: 'tools', limits: undefined })
  expect(tools([], { id: 'mine', limits: { concurrency: 2 } })).toMatchObject({
    id: 'mine',
    limits: { concurrency: 2 },
  })
})

it.each([
  ['an unknown option', [[], { concurrency: 2 }], 'concurrency'],
  ['an id that is no name', [[], { id: '' }], '"id"'],
  ['options that are none', [[], 3], 'tools(list, options)'],
  ['a list that is none', ['add'], 'a list of tools'],
  ['an entry that defineTool did not make', [[calculator(), { name: 'add' }]], 'item 1'],
])('refuses %s', (_what, given, words) => {
  const error = thrown(() => (tools as (...all: unknown[]) => unknown)(...given))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  expect(error.message).toContain(words)
})

it('refuses two tools with one full name, and names both', () => {
  const error = thrown(() => tools([named('a'), named('b'), named('a', 'local', { description: 'Another.' })]))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  expect(error.message).toContain('got "local/a" as item 0 ("The a of local.") and item 2 ("Another.")')
})

it('lists frozen plain data sorted by full name, whatever the order of the list', () => {
  const pairs = fc.uniqueArray(fc.tuple(fc.constantFrom('n', 'N', '_', '1'), fc.constantFrom('s', 'S', 't-', '.')), {
    selector: (pair) => pair.join('/'),
  })
  fc.assert(
    fc.property(pairs, (given) => {
      const names = tools(given.map(([name, source]) => named(name, source)))
        .list()
        .map((tool) => tool.name)
      expect(names).toEqual(given.map(([name, source]) => `${source}/${name}`).sort())
    }),
  )
  const [info] = tools([named('a', 's', { output: z.string() })]).list()
  expect(info).toEqual({
    name: 's/a',
    source: 's',
    description: 'The a of s.',
    inputSchema: { type: 'object', properties: {} },
    outputSchema: { type: 'string' },
  })
  expect([Object.isFrozen(info), structuredClone(info)]).toEqual([true, info])
})

it('resolves to what it lists', () => {
  const driver = tools([named('a'), named('b')])
  expect(driver.resolve('a')).toBe(driver.list()[0])
  expect(driver.resolve('local/b')).toBe(driver.list()[1])
})

it('computes conflict keys on the validated input', async () => {
  const lock = defineTool({
    name: 'lock',
    description: 'Locks.',
    input: z.object({ path: z.string().toLowerCase() }),
    conflictKeys: ({ path }) => [`b/${path}`, `a/${path}`, `b/${path}`],
    execute: () => 1,
  })
  const { driver } = openTools([lock])
  const { conflictKeys } = await driver.prepare('local/lock', { path: 'X' }, fakeDriverCall())
  expect(conflictKeys).toEqual(['a/x', 'b/x'])
})

it('prepares at once where the schema answers at once', () => {
  const { driver } = openTools([named('a')])
  expect(driver.prepare('local/a', {}, fakeDriverCall())).not.toBeInstanceOf(Promise)
  expect(thrown(() => driver.prepare('local/a', 3, fakeDriverCall()))).toMatchObject({
    code: 'AIOS_INVALID_TOOL_INPUT',
  })
})

describe('a schema that answers later', () => {
  const slow = (input: z.ZodType) =>
    openTools([named('a', 'local', { input, inputSchema: { type: 'object' }, timeoutMs: 100 })])

  it('is awaited', async () => {
    const { call } = slow(z.object({ n: z.number().refine(async (n) => n > 1, 'expected more than 1') }))
    expect(await call('a', { n: 2 })).toBe('a')
    expect((await rejection(call('a', { n: 1 }))).message).toContain('n: expected more than 1')
  })

  it('has the time limit of its tool', async () => {
    const { call, clock } = slow(z.object({}).refine(never))
    const ended = rejection(call('a'))
    await clock.advance(100)
    expect(await ended).toMatchObject({ code: 'AIOS_TOOL_TIMEOUT' })
  })

  it('is left when the call is cancelled, and logged when it answers after all', async () => {
    let answer!: (isGood: boolean) => void
    const { call, clock, log } = slow(
      z.object({}).refine(
        () =>
          new Promise<boolean>((resolve) => {
            answer = resolve
          }),
      ),
    )
    const caller = new AbortController()
    const ended = rejection(call('a', {}, { signal: caller.signal }))
    await clock.settle()
    caller.abort('over')
    expect(await ended).toBe('over')
    expect(clock.pending).toBe(0)
    answer(true)
    await clock.settle()
    expect(log).toHaveLength(1)
  })
})

describe('its life', () => {
  const call = fakeDriverCall()

  it('serves nothing before it is open and after it is closed', () => {
    const driver = tools([named('a')])
    const closed = () => thrown(() => driver.prepare('local/a', {}, call))
    expect(closed()).toMatchObject({ code: 'AIOS_CLOSED' })
    void driver.open?.(fakeDriverServices(virtualClock()))
    expect(driver.prepare('local/a', {}, call)).toHaveProperty('run')
    void driver.close?.()
    void driver.close?.()
    expect(closed()).toMatchObject({ code: 'AIOS_CLOSED' })
  })

  it('serves one kernel at a time', () => {
    const driver = tools([])
    void driver.open?.(fakeDriverServices(virtualClock()))
    const error = thrown(() => driver.open?.(fakeDriverServices(virtualClock())))
    expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(error.message).toContain('once for each kernel')
    void driver.close?.()
    expect(() => driver.open?.(fakeDriverServices(virtualClock()))).not.toThrow()
  })

  it('ends what runs when it closes, and aborts its signal', async () => {
    let signal: AbortSignal | undefined
    const {
      driver,
      call: run,
      clock,
    } = openTools([
      named('a', 'local', {
        execute: (_input: unknown, context: { signal: AbortSignal }) => {
          signal = context.signal
          return never()
        },
      }),
    ])
    const ended = rejection(run('a'))
    await clock.settle()
    void driver.close?.()
    const error = await ended
    expect(error).toMatchObject({ code: 'AIOS_CLOSED' })
    expect(signal?.reason).toBe(error)
    expect(clock.pending).toBe(0)
  })
})
