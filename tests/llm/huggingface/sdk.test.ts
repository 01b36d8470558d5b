import { describe, expect, it } from 'vitest'
import { loadSdk, type TransformersSdk } from '../../../packages/llm/src/huggingface/sdk.js'
import { failure } from '../core/asking.js'

const LogLevel = { WARNING: 30, DEBUG: 10, NONE: 50 }

describe('loadSdk', () => {
  it('says how to install @huggingface/transformers where it is missing', async () => {
    const cause = Object.assign(
      new Error("Cannot find package '@huggingface/transformers' imported from /app/core.js"),
      { code: 'ERR_MODULE_NOT_FOUND' },
    )
    const failed = await failure(loadSdk(() => Promise.reject(cause)))
    expect(failed).toMatchObject({ code: 'AIOS_MISSING_PEER', cause })
    expect(failed.message).toContain('npm install @huggingface/transformers@^4.3.1')
  })

  it('keeps the package quiet, unless somebody wants to hear it', async () => {
    const levelAfter = async (logLevel: number) => {
      const module = { env: { logLevel }, LogLevel } as unknown as TransformersSdk
      return (await loadSdk(() => Promise.resolve(module))).env.logLevel
    }
    expect(await levelAfter(LogLevel.WARNING)).toBe(LogLevel.NONE)
    expect(await levelAfter(LogLevel.DEBUG)).toBe(LogLevel.DEBUG)
  })
})
