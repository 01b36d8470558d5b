import type { Grants, SpawnOptions, Sys } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CompiledGrants, denied, grantsProblem } from '../../../packages/kernel/src/access/compiled-grants.js'
import { runs } from '../../setup/runs.js'
import { heldCore, heldMemory, heldStorage, heldTools, noteOf, reply, watch } from '../fake-drivers.js'
import { start, startChild, testBed } from '../test-bed.js'

const grantsOf = (own: Grants, parent?: CompiledGrants) => new CompiledGrants(own, 'own', parent)

describe('a pattern', () => {
  it.each([
    ['local/add', 'local/add', true],
    ['local/add', 'local/adder', false],
    ['local/add', 'Local/add', false],
    ['local/*', 'local/add', true],
    ['local/*', 'local/', true],
    ['local/*', 'builtin/add', false],
    ['*', 'anything at all', true],
    ['a*c', 'abc', false],
    ['a*c', 'a*c', true],
  ])('%s says of %s: %s', (pattern, name, allowed) => {
    expect([grantsOf({ tools: [pattern] }).tool(name), grantsOf({ models: [pattern] }).model(name)]).toEqual([
      allowed,
      allowed,
    ])
  })

  it('is one of several: any that matches will do', () => {
    const grants = grantsOf({ tools: ['a', 'b/*'] })
    expect(['a', 'b/x', 'c'].map((name) => grants.tool(name))).toEqual([true, true, false])
  })
})

describe('a key that is absent', () => {
  it('does not restrict, but an empty list allows nothing', () => {
    const [free, none] = [grantsOf({}), grantsOf({ models: [], tools: [], storage: [], memory: [] })]
    expect([free.model('m'), free.tool('t'), free.storage('p', true)]).toEqual([true, true, true])
    expect([none.model('m'), none.tool('t'), none.storage('p', false)]).toEqual([false, false, false])
  })

  it('leaves of memory only what a process has itself, and its own it always has', () => {
    const [free, none, some] = [grantsOf({}), grantsOf({ memory: [] }), grantsOf({ memory: ['team-*'] })]
    expect([free, none, some].map((grants) => grants.memory('own'))).toEqual([true, true, true])
    expect([free, none, some].map((grants) => grants.memory('team-a'))).toEqual([false, false, true])
  })
})

describe('a storage grant', () => {
  it.each([
    ['docs', 'docs', true],
    ['docs', 'docs/a/b.txt', true],
    ['docs', 'docsy/a.txt', false],
    ['docs', 'do', false],
    ['docs', '.', false],
    ['docs/', './docs//a', true],
    ['./docs', 'docs/.', true],
    ['.', 'anything', true],
    ['.', '.', true],
    ['a/b', 'a', false],
  ])('of %s allows %s: %s', (path, wanted, allowed) => {
    const grants = grantsOf({ storage: [path] })
    expect([grants.storage(wanted, false), grants.storage(wanted, true)]).toEqual([allowed, allowed])
  })

  it('is rw as a string and by default; ro forbids to write', () => {
    const grants = grantsOf({ storage: [{ path: 'a' }, { path: 'b', mode: 'ro' }, { path: 'c', mode: 'rw' }] })
    expect(['a', 'b', 'c'].map((path) => [grants.storage(path, false), grants.storage(path, true)])).toEqual([
      [true, true],
      [true, false],
      [true, true],
    ])
  })

  it('may lie within another one that is ro', () => {
    const grants = grantsOf({ storage: [{ path: '.', mode: 'ro' }, 'out'] })
    expect([grants.storage('in', true), grants.storage('in', false), grants.storage('out/x', true)]).toEqual([
      false,
      true,
      true,
    ])
  })
})

describe('a child', () => {
  it('can only have less: each ancestor must agree', () => {
    const parent = grantsOf({ tools: ['local/*'], models: ['small'], storage: [{ path: 'a', mode: 'ro' }] })
    const child = grantsOf({ tools: ['*'], models: ['*'], storage: ['.'] }, parent)
    expect([child.tool('local/x'), child.tool('builtin/x')]).toEqual([true, false])
    expect([child.model('small'), child.model('large')]).toEqual([true, false])
    expect([child.storage('a/x', false), child.storage('a/x', true), child.storage('b', false)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('that says nothing has what its parent has', () => {
    const child = grantsOf({}, grantsOf({ tools: ['a'], memory: ['shared'] }))
    expect([child.tool('a'), child.tool('b'), child.memory('shared'), child.memory('foreign')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it('never reaches more than its parent, whatever both are granted', () => {
    const names = ['a', 'a/b', 'a/b/c', 'ab', 'b', 'own']
    const patterns = fc.array(fc.constantFrom('a', 'a/*', 'a*', '*', 'b', 'a/b'), { maxLength: 3 })
    const paths = fc.array(
      fc.oneof(
        fc.constantFrom('a', 'a/b', '.', 'b'),
        fc.record({ path: fc.constantFrom('a', 'a/b', '.'), mode: fc.constantFrom('ro' as const, 'rw' as const) }),
      ),
      { maxLength: 3 },
    )
    const some = fc.record(
      { models: patterns, tools: patterns, memory: patterns, storage: paths },
      { requiredKeys: [] },
    )
    const property = fc.property(some, some, some, (grandparent, parent, own) => {
      const above = new CompiledGrants(parent, 'own', new CompiledGrants(grandparent, 'own', undefined))
      const child = new CompiledGrants(own, 'own', above)
      const reach = (grants: CompiledGrants) =>
        names.flatMap((name) => [
          ...(grants.model(name) ? [`model ${name}`] : []),
          ...(grants.tool(name) ? [`tool ${name}`] : []),
          ...(grants.memory(name) ? [`memory ${name}`] : []),
          ...(grants.storage(name, false) ? [`read ${name}`] : []),
          ...(grants.storage(name, true) ? [`write ${name}`] : []),
        ])
      expect(reach(above)).toEqual(expect.arrayContaining(reach(child)))
    })
    fc.assert(property, { numRuns: runs(200, 5_000) })
  })
})

describe('what an error says of grants', () => {
  it('names what was granted, here or above', () => {
    const parent = grantsOf({ tools: ['a', 'b/*'], storage: ['x', { path: 'y', mode: 'ro' }] })
    const child = grantsOf({ models: [] }, parent)
    expect(['models', 'tools', 'storage', 'memory'].map((kind) => child.granted(kind as keyof Grants))).toEqual([
      'nothing',
      'a, b/*',
      'x, {"path":"y","mode":"ro"}',
      'nothing',
    ])
    expect(grantsOf({}).granted('tools')).toBe('everything')
  })

  it('tells what to do', () => {
    const error = denied('Tool "x"', 'y')
    expect(error.code).toBe('AIOS_ACCESS_DENIED')
    expect(error.message).toBe(
      'Tool "x" was not granted; granted: y. Add it to the grants of the process and of its ancestors.',
    )
  })

  it('names what is wrong with grants', () => {
    expect(grantsProblem({ tools: ['a'], storage: [{ path: 'x' }] })).toBeUndefined()
    expect(grantsProblem({ tools: [''] })).toBe('Expected a string that is not empty for "grants.tools[0]", got "".')
    expect(grantsProblem('all')).toBe('Expected an object for "grants", got "all".')
  })
})

describe('grants in the trap', () => {
  async function bed(options: SpawnOptions) {
    const llm = [heldCore({ id: 'small', model: 'm1' }), heldCore({ id: 'large', model: 'm2' })]
    const memory = heldMemory({ onCall: (_label, { namespace }) => noteOf(namespace) })
    const [storage, tools] = [heldStorage({ onCall: () => [] }), heldTools({ onCall: () => 'out' })]
    const kernel = await testBed({ llm, memory, storage, tools })
    const a = await start(kernel, options)
    const events = recordEvents(kernel, 'access:denied')
    return { kernel, llm, storage, tools, sys: a.sys, events }
  }
  const DENIED = { code: 'AIOS_ACCESS_DENIED' }
  const chat = (sys: Sys, rest: object = {}) => sys.llm.chat({ messages: [{ role: 'user', content: 'q' }], ...rest })

  it('refuse a tool, before its input is looked at, and tell so', async () => {
    const { sys, events, tools } = await bed({ name: 'a', grants: { tools: ['builtin/*'] } })
    const call = sys.tool.call({ name: 'hold', input: 'not even an object' })
    await expect(call).rejects.toMatchObject(DENIED)
    await expect(call).rejects.toThrow('Tool "local/hold" was not granted; granted: builtin/*.')
    expect(tools.held.started).toEqual([])
    expect(events.of('access:denied')).toEqual([
      expect.objectContaining({ name: 'tool.call', pid: 1, lane: 'tool', message: expect.any(String) as string }),
    ])
  })

  it('hide tools that were not granted from tool.list', async () => {
    const { kernel, sys } = await bed({ grants: { tools: ['local/*'] } })
    expect((await sys.tool.list()).map(({ name }) => name)).toEqual(['local/hold'])
    const child = await startChild(kernel, sys, { grants: { tools: [] } })
    expect(await child.sys.tool.list()).toEqual([])
  })

  it('refuse each call of a composite by itself', async () => {
    const { kernel, sys } = await bed({})
    const child = await startChild(kernel, sys, { grants: { tools: [] } })
    const calls = [{ id: '1', name: 'hold', input: { as: 'x' } }]
    expect(await child.sys.tool.callAll({ calls })).toMatchObject([{ status: 'rejected', error: DENIED }])
  })

  it('do not show a tool to a model that the process may not use itself', async () => {
    const { kernel, sys, llm } = await bed({ grants: { tools: ['builtin/*'] } })
    await expect(chat(sys, { tools: ['hold'] })).rejects.toMatchObject(DENIED)
    const inline = { name: 'own', description: 'Mine.', inputSchema: {} }
    void watch(chat(sys, { tools: [inline] }))
    await kernel.clock.settle()
    expect(llm[0]!.requests.get('q')!.tools).toEqual([inline])
  })

  it('choose among the models that were granted, and refuse others', async () => {
    const { kernel, sys, llm } = await bed({ grants: { models: ['large'] } })
    const call = watch(chat(sys))
    expect(llm[1]!.held.running).toEqual(['q'])
    llm[1]!.held.succeed('q', reply(1, 1))
    await kernel.clock.settle()
    expect(call.outcome).toBe('fulfilled')
    await expect(chat(sys, { model: 'small' })).rejects.toMatchObject(DENIED)
    await expect(chat(sys, { model: 'm1' })).rejects.toThrow(/Model "m1" was not granted; granted: large/)
    await expect(chat(sys, { model: 'm3' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
  })

  it('refuse every model where none was granted', async () => {
    const { sys } = await bed({ grants: { models: [] } })
    await expect(chat(sys)).rejects.toThrow(/Model "any" was not granted; granted: nothing/)
  })

  it('do not blame the grants for a router that takes none', async () => {
    const kernel = await testBed({ llm: heldCore({ id: 'small' }), router: { pick: () => undefined } })
    const { sys } = await start(kernel, { grants: { models: ['small'] } })
    await expect(chat(sys, { model: 'small' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
  })

  it('refuse a memory namespace that is neither its own nor granted', async () => {
    const { sys } = await bed({ name: 'a', grants: { memory: ['team'] } })
    expect((await sys.memory.add({ content: 'x' })).content).toBe('a')
    const foreign = sys.memory.add({ content: 'x', namespace: 'b' })
    await expect(foreign).rejects.toMatchObject(DENIED)
    await expect(foreign).rejects.toThrow('Memory namespace "b" was not granted; granted: "a", and team.')
    await expect(sys.memory.get({ id: 'x', namespace: 'team' })).resolves.toBeDefined()
  })

  it('refuse foreign memory also to a process that was given no grants at all', async () => {
    const { sys } = await bed({ name: 'a' })
    await expect(sys.memory.retrieve({ query: 'x', namespace: 'b' })).rejects.toThrow(/granted: "a", and nothing/)
  })

  it('refuse paths outside those of storage, writing where only reading was granted, and paths that climb', async () => {
    const { sys, storage } = await bed({ grants: { storage: [{ path: 'in', mode: 'ro' }, 'out'] } })
    const refused = [
      sys.storage.read({ path: 'secret' }),
      sys.storage.write({ path: 'in/a', content: '' }),
      sys.storage.remove({ path: 'in' }),
      sys.storage.read({ path: 'in/../secret' }),
      sys.storage.read({ path: 'out\\..\\secret' }),
      sys.storage.list(),
      sys.storage.stat({ path: '.' }),
    ]
    for (const call of refused) await expect(call).rejects.toMatchObject(DENIED)
    expect(storage.held.started).toEqual([])
    await sys.storage.read({ path: 'in/a' })
    await sys.storage.write({ path: 'out/a', content: '' })
    await sys.storage.list({ path: 'out' })
    expect(storage.held.started).toEqual(['in/a', 'out/a', 'out'])
  })

  it('hold for what a tool does for the process, and for its children', async () => {
    const tools = heldTools()
    const kernel = await testBed({
      tools,
      memory: heldMemory({ onCall: noteOf }),
      storage: heldStorage({ onCall: () => [] }),
    })
    const a = await start(kernel, { name: 'a', grants: { storage: ['a'], memory: ['a'] } })
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    const inTool = tools.held.call('t').sys
    const child = await startChild(kernel, inTool, { grants: { storage: ['.'], memory: ['*'] } })
    for (const sys of [inTool, child.sys]) {
      await expect(sys.storage.read({ path: 'b' })).rejects.toMatchObject(DENIED)
      await expect(sys.memory.add({ content: 'x', namespace: 'b' })).rejects.toMatchObject(DENIED)
      await sys.storage.read({ path: 'a/x' })
    }
  })
})
