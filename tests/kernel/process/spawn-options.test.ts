import { describe, expect, it } from 'vitest'
import { spawnProblem } from '../../../packages/kernel/src/process/spawn-options.js'
import { start, testBed } from '../test-bed.js'

describe('the options of spawn', () => {
  it('are all optional, and one that is undefined is absent', () => {
    expect(spawnProblem({})).toBeUndefined()
    const names = ['name', 'namespace', 'priority', 'budget', 'grants', 'deadlineMs', 'detached', 'signal']
    expect(spawnProblem(Object.fromEntries(names.map((name) => [name, undefined])))).toBeUndefined()
  })

  it('are accepted where they are right', () => {
    const budget = { tokens: 0, usd: 0.5, calls: 3, wallMs: 10 }
    const grants = { models: ['a'], tools: [], memory: ['*'], storage: ['a', { path: '.', mode: 'ro' }] }
    const { signal } = new AbortController()
    const all = { name: 'a', namespace: 'b', priority: 7, budget, grants, deadlineMs: 0.5, detached: true, signal }
    expect(spawnProblem(all)).toBeUndefined()
  })

  it.each<[unknown, string]>([
    [null, 'Expected an object, got null.'],
    [[], 'Expected an object, got an array of 0.'],
    [
      { nmae: 'x' },
      'Expected only the keys name, runId, replay, namespace, tenant, weight, priority, budget, limits, grants, deadlineMs, detached, signal, got "nmae".',
    ],
    [{ name: '' }, 'Expected a name of 1 to 256 characters for "name", got "".'],
    [{ name: 'x'.repeat(257) }, 'Expected a name of 1 to 256 characters for "name", got a string of 257 characters.'],
    [{ namespace: 5 }, 'Expected a name of 1 to 256 characters for "namespace", got 5.'],
    [{ priority: 8 }, 'Expected a whole number from 0 to 7 for "priority", got 8.'],
    [{ deadlineMs: -1 }, 'Expected a number from 0 for "deadlineMs", got -1.'],
    [{ deadlineMs: Infinity }, 'Expected a number from 0 for "deadlineMs", got Infinity.'],
    [{ detached: 'yes' }, 'Expected true or false for "detached", got "yes".'],
    [{ signal: {} }, 'Expected an AbortSignal for "signal", got an object with 0 keys.'],
    [{ budget: { token: 5 } }, 'Expected only the keys tokens, usd, calls, wallMs in "budget", got "token".'],
    [{ budget: { tokens: 1.5 } }, 'Expected a whole number from 0 for "budget.tokens", got 1.5.'],
    [{ budget: { calls: -1 } }, 'Expected a whole number from 0 for "budget.calls", got -1.'],
    [{ budget: { usd: NaN } }, 'Expected a number from 0 for "budget.usd", got NaN.'],
    [{ budget: { wallMs: '5' } }, 'Expected a number from 0 for "budget.wallMs", got "5".'],
    [{ grants: { tool: [] } }, 'Expected only the keys models, tools, memory, storage in "grants", got "tool".'],
    [{ grants: { tools: 'a' } }, 'Expected an array for "grants.tools", got "a".'],
    [{ grants: { memory: [5] } }, 'Expected a string that is not empty for "grants.memory[0]", got 5.'],
    [
      { grants: { storage: ['a', { path: 'b', mode: 'rwx' }] } },
      'Expected a path, or { path, mode: "ro" | "rw" } for "grants.storage[1]", got an object with 2 keys.',
    ],
  ])('say of %j what was expected and what came', (options, problem) => {
    expect(spawnProblem(options)).toBe(problem)
  })

  it('are checked wherever a process is made', async () => {
    const kernel = await testBed()
    const { sys } = await start(kernel)
    const wrong = { priority: 9 } as never
    expect(() => kernel.sys(wrong)).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }))
    const child = sys.agent.spawn({ agent: () => null, ...(wrong as object) })
    await expect(child).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL', message: /"priority", got 9/ })
    expect(kernel.ps()).toHaveLength(1)
  })
})
