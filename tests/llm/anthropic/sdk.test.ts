import { describe, expect, it } from 'vitest'
import { loadSdk } from '../../../packages/llm/src/anthropic/sdk.js'
import { failure } from '../core/asking.js'

describe('loadSdk', () => {
  it('loads the package @anthropic-ai/sdk', async () => {
    expect((await loadSdk()).Anthropic).toBeTypeOf('function')
  })

  it('says how to install it where it is missing', async () => {
    const cause = Object.assign(new Error("Cannot find package '@anthropic-ai/sdk' imported from /app/core.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    const failed = await failure(loadSdk(() => Promise.reject(cause)))
    expect(failed).toMatchObject({ code: 'AIOS_MISSING_PEER', cause })
    expect(failed.message).toContain('npm install @anthropic-ai/sdk@^1.12')
  })
})
