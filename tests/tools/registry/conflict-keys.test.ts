import { defineTool } from '@aios/tools'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { conflictKeysOf } from '../../../packages/tools/src/registry/conflict-keys.js'
import { thrown } from '../open-tools.js'

const withKeys = (conflictKeys: () => readonly string[]) =>
  defineTool({ name: 't', description: 'Tests.', input: z.object({}), conflictKeys, execute: () => 1 })

it('returns each key once, in an order that does not depend on the tool', () => {
  expect(
    conflictKeysOf(
      withKeys(() => ['b', 'a', 'b', 'B']),
      {},
    ),
  ).toEqual(['B', 'a', 'b'])
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), (keys) => {
      const taken = conflictKeysOf(
        withKeys(() => keys),
        {},
      )
      expect(new Set(taken)).toEqual(new Set(keys))
      expect(taken.length).toBe(new Set(keys).size)
      expect(taken).toEqual(
        conflictKeysOf(
          withKeys(() => [...keys].reverse()),
          {},
        ),
      )
    }),
  )
})

it('blames the tool for keys that are none', () => {
  for (const [keys, words] of [
    ['files', 'a list of strings'],
    [['a', ''], 'at 1, got ""'],
    [[7], 'at 0, got 7'],
  ] as const) {
    const error = thrown(() =>
      conflictKeysOf(
        withKeys(() => keys as never),
        {},
      ),
    )
    expect(error).toMatchObject({ code: 'AIOS_TOOL_FAILED', details: { tool: 'local/t' } })
    expect(error.message).toContain(words)
  }
})

it('keeps what the tool threw', () => {
  const cause = new Error('no keys today')
  const tool = withKeys(() => {
    throw cause
  })
  expect(thrown(() => conflictKeysOf(tool, {}))).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause })
})
