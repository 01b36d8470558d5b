import { defineTool } from '@aios/tools'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { validateInput, validInput } from '../../../packages/tools/src/registry/tool-input.js'
import { rejection, thrown } from '../open-tools.js'

const withInput = (input: StandardSchemaV1) =>
  defineTool({ name: 't', description: 'Tests.', input, inputSchema: { type: 'object' }, execute: () => 1 })

async function check(input: StandardSchemaV1, value: unknown): Promise<unknown> {
  const tool = withInput(input)
  return validInput(tool, await validateInput(tool, value))
}

it('returns what the schema makes of the input', async () => {
  expect(await check(z.object({ n: z.string().transform(Number), d: z.number().default(4) }), { n: '3' })).toEqual({
    n: 3,
    d: 4,
  })
})

it.each([
  ['zod', z.object({ deep: z.object({ n: z.number() }) }), 'expected number'],
  ['valibot', v.object({ deep: v.object({ n: v.number() }) }), 'Expected number'],
  ['arktype', type({ deep: { n: 'number' } }), 'a number'],
])('names path and expectation in the words of %s', async (_vendor, schema, words) => {
  const error = await rejection(check(schema, { deep: { n: 'one' } }))
  expect(error).toMatchObject({
    code: 'AIOS_INVALID_TOOL_INPUT',
    details: { tool: 'local/t', issues: [{ path: 'deep.n' }] },
  })
  expect(error.message).toContain('The input of tool "local/t" does not match its schema: deep.n: ')
  expect(error.message).toContain(words)
})

it('blames the tool for a schema that throws, at once or later', async () => {
  const cause = new Error('bad schema')
  const broken = (validate: () => never | Promise<never>): StandardSchemaV1 => ({
    '~standard': { version: 1, vendor: 'me', validate },
  })
  const now = thrown(() =>
    validateInput(
      withInput(
        broken(() => {
          throw cause
        }),
      ),
      {},
    ),
  )
  const later = await rejection(Promise.resolve(validateInput(withInput(broken(() => Promise.reject(cause))), {})))
  for (const error of [now, later]) expect(error).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause })
})
