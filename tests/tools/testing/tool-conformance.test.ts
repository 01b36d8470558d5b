import type { ToolDriver } from '@aios/kernel/driver'
import { tools, type Tool } from '@aios/tools'
import { toolConformance } from '@aios/tools/testing'
import { expect, it } from 'vitest'

/** Names the cases that a driver fails which differs from a good one as given. */
async function failures(
  spoil: (good: ToolDriver, list: readonly Tool[]) => Partial<ToolDriver>,
): Promise<readonly string[]> {
  const failed: string[] = []
  const cases = toolConformance((list) => {
    const good = tools(list)
    const whole: ToolDriver = {
      kind: 'tool',
      id: good.id,
      open: (services) => good.open?.(services),
      close: () => good.close?.(),
      list: () => good.list(),
      resolve: (name) => good.resolve(name),
      prepare: (name, input, call) => good.prepare(name, input, call),
    }
    return { ...whole, ...spoil(good, list) }
  })
  for (const { name, run } of cases) await run().catch(() => failed.push(name))
  return failed
}

it('passes a good driver', async () => {
  expect(await failures(() => ({}))).toEqual([])
})

it.each<[string, string, Parameters<typeof failures>[0]]>([
  ['lists in any order', 'lists its tools sorted', (good) => ({ list: () => [...good.list()].reverse() })],
  ['lists functions', 'lists its tools sorted', (_good, list) => ({ list: () => list })],
  [
    'forgets sources',
    'describes each tool',
    (good) => ({ list: () => good.list().map((tool) => ({ ...tool, source: 'x' })) }),
  ],
  ['resolves anything', 'refuses an unknown name', (good) => ({ resolve: () => good.list()[0]! })],
  ['prepares anything', 'refuses to prepare a tool', () => ({ prepare: () => ({ conflictKeys: [], run: () => 5 }) })],
  [
    'takes no locks',
    'tells conflict keys',
    (good) => ({
      prepare: async (name, input, call) => {
        const prepared = await good.prepare(name, input, call)
        return { conflictKeys: [], run: (running) => prepared.run(running) }
      },
    }),
  ],
  [
    'hides causes',
    'wraps what a tool throws',
    (good) => ({
      prepare: async (name, input, call) => {
        const prepared = await good.prepare(name, input, call)
        return {
          conflictKeys: prepared.conflictKeys,
          run: async (running) => {
            try {
              return await prepared.run(running)
            } catch (error) {
              throw Object.assign(error as Error, { cause: undefined })
            }
          },
        }
      },
    }),
  ],
  [
    'never ends a tool that hangs',
    'ends a tool that hangs',
    (good) => ({
      prepare: (name, input, call) =>
        name === 'test/hangs'
          ? { conflictKeys: [], run: () => new Promise(() => undefined) }
          : good.prepare(name, input, call),
    }),
  ],
  [
    'makes up reasons',
    'rejects a cancelled call',
    (good) => ({
      prepare: async (name, input, call) => {
        const prepared = await good.prepare(name, input, call)
        return {
          conflictKeys: prepared.conflictKeys,
          run: (running) =>
            Promise.resolve(prepared.run(running)).catch(() => {
              throw new Error('aborted')
            }),
        }
      },
    }),
  ],
  [
    'never closes',
    'ends what still runs',
    () => ({
      close: () => {
        throw new Error('no')
      },
    }),
  ],
])('catches a driver that %s', async (_what, begins, spoil) => {
  expect((await failures(spoil)).some((name) => name.startsWith(begins))).toBe(true)
})
