import { describe, expect, it } from 'vitest'
import { loadSdk } from '../../../packages/llm/src/gguf/sdk.js'
import { failure } from '../core/asking.js'

describe('loadSdk', () => {
  it('says how to install node-llama-cpp where it is missing', async () => {
    const cause = Object.assign(new Error("Cannot find package 'node-llama-cpp' imported from /app/core.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    const failed = await failure(loadSdk(() => Promise.reject(cause)))
    expect(failed).toMatchObject({ code: 'AIOS_MISSING_PEER', cause })
    expect(failed.message).toContain('npm install node-llama-cpp@^3.22.1')
  })
})
