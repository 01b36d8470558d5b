import { describe, expect, it } from 'vitest'
import { loadSdk } from '../../../packages/llm/src/ollama/sdk.js'
import { failure } from '../core/asking.js'

describe('loadSdk', () => {
  it('loads the package ollama', async () => {
    expect((await loadSdk()).Ollama).toBeTypeOf('function')
  })

  it('says how to install it where it is missing', async () => {
    const cause = Object.assign(new Error("Cannot find package 'ollama' imported from /app/core.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    const failed = await failure(loadSdk(() => Promise.reject(cause)))
    expect(failed).toMatchObject({ code: 'AIOS_MISSING_PEER', cause })
    expect(failed.message).toContain('npm install ollama@^0.6.4')
  })
})
