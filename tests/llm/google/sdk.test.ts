import * as genAi from '@google/genai'
import * as generativeAi from '@google/generative-ai'
import { expect, it } from 'vitest'
import { loadSdk as loadFormer } from '../../../packages/llm/src/google-generative-ai/sdk.js'
import { loadSdk } from '../../../packages/llm/src/google/sdk.js'
import { failure } from '../core/asking.js'

it('says how to install a package that is missing', async () => {
  const missing = (name: string) => () =>
    Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }))
  expect(await failure(loadSdk(missing('@google/genai')))).toMatchObject({
    code: 'AIOS_MISSING_PEER',
    message: expect.stringContaining('npm install @google/genai@^2.32') as string,
  })
  expect(await failure(loadFormer(missing('@google/generative-ai')))).toMatchObject({
    code: 'AIOS_MISSING_PEER',
    message: expect.stringContaining('npm install @google/generative-ai@0.24.1') as string,
  })
})

it('loads each package', async () => {
  expect((await loadSdk()).GoogleGenAI).toBe(genAi.GoogleGenAI)
  expect((await loadFormer()).GoogleGenerativeAI).toBe(generativeAi.GoogleGenerativeAI)
})
