import { AiosError, type Grants } from '@aios/kernel'
import type { ToolDriver } from '@aios/kernel/driver'
import { defineTool, tools } from '@aios/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { heldTools } from '../../fake-drivers.js'
import { testBed } from '../../test-bed.js'
import { ASK, sayingCore } from '../cores.js'

const box = (...names: readonly string[]): ToolDriver =>
  tools(
    names.map((full) => {
      const [source, name] = full.split('/') as [string, string]
      return defineTool({ name, source, description: full, input: z.object({}), execute: () => full })
    }),
  )

/** Calls a tool, and asks a model with it, as a process with some grants; returns what both reject with. */
async function refusals(driver: ToolDriver, name: string, grants?: Grants): Promise<readonly AiosError[]> {
  const llm = sayingCore('ok')
  const kernel = await testBed({ llm, tools: driver })
  const thrown = (error: unknown) => error as AiosError
  return kernel.run(
    (sys) =>
      Promise.all([
        sys.tool.call({ name, input: {} }).then(() => expect.fail('resolved'), thrown),
        sys.llm.chat({ ...ASK, tools: [name] }).then(() => expect.fail('resolved'), thrown),
      ]),
    undefined,
    { grants },
  )
}

describe('an agent that was granted one tool and calls one that does not exist', () => {
  const driver = box('files/read', 'files/reap', 'mail/send')

  it('hears of the granted one only, in message and details', async () => {
    for (const error of await refusals(driver, 'reab', { tools: ['files/read'] })) {
      expect(error).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL', details: { candidates: ['files/read'] } })
      expect(error.message).toBe(
        'Expected the full name of one of 1 tools that were granted, got "reab". Granted: files/read. sys.tool.list() tells all.',
      )
      expect(JSON.stringify(error) + String(error.stack)).not.toMatch(/reap|mail/)
      expect(error.cause).toBeUndefined()
    }
  })

  it('hears of it also where no tool has a name like that', async () => {
    for (const error of await refusals(driver, 'zzzzzzzzzz', { tools: ['mail/*'] }))
      expect(error.details).toEqual({ candidates: ['mail/send'] })
  })

  it('hears of nothing if nothing was granted', async () => {
    for (const error of await refusals(driver, 'reab', { tools: [] })) {
      expect(error.details).toEqual({ candidates: [] })
      expect(error.message).toMatch(/one of 0 tools .*got "reab"\. sys/)
    }
  })

  it('hears of the one among several of a bare name that it may use', async () => {
    for (const error of await refusals(box('a/x', 'b/x'), 'x', { tools: ['b/x'] }))
      expect(error).toMatchObject({ code: 'AIOS_NO_SUCH_TOOL', details: { candidates: ['b/x'] } })
  })
})

it('passes on what the device says to those who may use all of its tools', async () => {
  for (const grants of [undefined, {}, { tools: ['*'] }, { models: ['c'] }]) {
    for (const error of await refusals(box('files/read', 'files/reap'), 'reab', grants))
      expect(error.details).toEqual({ candidates: ['files/read', 'files/reap'] })
  }
})

it('names at most five tools where the device suggests none', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const unknown = (): never => {
    throw new AiosError('AIOS_NO_SUCH_TOOL', 'It may be f or secret.')
  }
  const list = [...names, 'secret'].map((name) => ({ ...heldTools().list()[0]!, name }))
  const driver = { ...heldTools(), list: () => list, resolve: unknown }
  for (const error of await refusals(driver, 'x', { tools: names })) {
    expect(error.details).toEqual({ candidates: ['a', 'b', 'c', 'd', 'e'] })
    expect(error.message).not.toContain('secret')
  }
})

it('passes on any other error of the device', async () => {
  const broken = (): never => {
    throw new AiosError('AIOS_TOOL_FAILED', 'The list is broken.')
  }
  for (const error of await refusals({ ...heldTools(), resolve: broken }, 'x', { tools: [] }))
    expect(error.code).toBe('AIOS_TOOL_FAILED')
})
