import { AiosError } from '@aios/kernel'
import { defineTool } from '@aios/tools'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { toolFailed } from '../../../packages/tools/src/registry/tool-failed.js'

const tool = defineTool({ name: 't', description: 'Tests.', input: z.object({}), execute: () => 1 })

it('keeps the cause, whatever it is, and names the tool', () => {
  const error = toolFailed(tool, 'failed', 'just words')
  expect(error).toMatchObject({
    code: 'AIOS_TOOL_FAILED',
    cause: 'just words',
    retryable: false,
    details: { tool: 'local/t' },
  })
  expect(error.message).toBe('Tool "local/t" failed: "just words"')
})

it('can be tried again exactly if its cause can', () => {
  const busy = new AiosError('AIOS_LLM_RATE_LIMIT', 'slow down', { retryAfterMs: 70 })
  expect(toolFailed(tool, 'failed', busy)).toMatchObject({
    retryable: true,
    retryAfterMs: 70,
    details: { causeCode: 'AIOS_LLM_RATE_LIMIT' },
  })
  const gone = new AiosError('AIOS_NOT_FOUND', 'gone')
  expect(toolFailed(tool, 'failed', gone)).toMatchObject({ retryable: false, retryAfterMs: undefined })
})
