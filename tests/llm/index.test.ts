import * as llm from '@aios/llm'
import { fakeDriverServices } from '@aios/kernel/testing'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

const SRC = new URL('../../packages/llm/src/', import.meta.url).pathname

/** Each SDK, and the one file that may load it. */
const SDKS = [
  ['@anthropic-ai/sdk', 'anthropic/sdk.ts'],
  ['@google/genai', 'google/sdk.ts'],
  ['@google/generative-ai', 'google-generative-ai/sdk.ts'],
  ['groq-sdk', 'groq/sdk.ts'],
  ['ollama', 'ollama/sdk.ts'],
  ['openai', 'openai/sdk.ts'],
] as const

/** Loading these takes seconds, and one listens to signals from then on: here they are only seen not to be loaded. */
const HEAVY = [
  ['@huggingface/transformers', 'huggingface/sdk.ts'],
  ['node-llama-cpp', 'gguf/sdk.ts'],
] as const

/** The names that each entry of a vendor exports. */
const ENTRIES = {
  'ai-sdk': ['fromAiSdk', 'toAiSdk'],
  anthropic: ['anthropic'],
  gguf: ['gguf'],
  google: ['google'],
  'google-generative-ai': ['googleGenerativeAi'],
  groq: ['groq'],
  huggingface: ['huggingface'],
  ollama: ['ollama', 'ollamaHost'],
  openai: ['openai', 'openaiBatch'],
  'openai-compatible': ['deepseek', 'novita', 'openAiCompatible', 'sglang', 'vllm'],
  testing: [
    'anyUser',
    'at',
    'calls',
    'cutAfter',
    'dropUsage',
    'duplicateEvents',
    'everyN',
    'exerciseTools',
    'expectTrace',
    'forbidNetwork',
    'fromFunction',
    'garbageJson',
    'hangs',
    'hasTool',
    'hasToolResult',
    'lastUser',
    'llmConformance',
    'lognormal',
    'mockModel',
    'nthRequest',
    'says',
    'scriptedCore',
    'serveOpenAi',
    'sometimes',
    'stall',
    'system',
    'throws',
    'tinyModel',
    'tokenEngine',
    'withCassette',
    'withFaults',
    'withLatency',
  ],
}

describe('@aios/llm', () => {
  it('exports what authors of cores share, and routers', () => {
    expect(Object.keys(llm).sort()).toEqual([
      ...['PRICES', 'assignBatch', 'cheapest', 'fastest', 'firstAvailable', 'greedy', 'leastBusy', 'parseToolInput'],
      ...['sequential', 'smart', 'threshold', 'toolNameMap', 'withinBudget'],
    ])
  })

  it.each(Object.entries(ENTRIES))('exports of @aios/llm/%s: %j', async (entry, names) => {
    const module = (await import(`@aios/llm/${entry}`)) as object
    expect(Object.keys(module).sort()).toEqual(names)
  })

  it.each([...SDKS, ...HEAVY])(
    'imports %s nowhere but at run time, in the one file that loads it',
    async (name, loader) => {
      const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'))
      const loading: string[] = []
      for (const file of files) {
        const source = await readFile(join(SRC, file), 'utf8')
        expect(source.match(new RegExp(`^import (?!type).* from '${name}['/]`, 'm')), file).toBeNull()
        if (source.includes(`import('${name}')`)) loading.push(file)
      }
      expect(loading).toEqual([loader])
    },
  )

  it('loads an SDK when a core that needs it is opened, and no other', async () => {
    const loads: string[] = []
    for (const [name] of [...SDKS, ...HEAVY]) {
      vi.doMock(name, async (original) => {
        loads.push(name)
        return original()
      })
    }
    vi.resetModules()
    await import('@aios/llm')
    const { anthropic } = await import('@aios/llm/anthropic')
    const { gguf } = await import('@aios/llm/gguf')
    const { google } = await import('@aios/llm/google')
    const { googleGenerativeAi } = await import('@aios/llm/google-generative-ai')
    const { groq } = await import('@aios/llm/groq')
    const { huggingface } = await import('@aios/llm/huggingface')
    const { ollama } = await import('@aios/llm/ollama')
    const { openai } = await import('@aios/llm/openai')
    const options = { apiKey: 'key-for-tests' }
    const cores = [
      anthropic('test-1', options),
      google('gemini-2.5-flash', options),
      googleGenerativeAi('gemini-2.5-flash', options),
      groq('test-1', options),
      ollama('test-1', options),
      openai('test-1', options),
    ]
    for (const local of [gguf('nowhere/model.gguf'), huggingface('nowhere')])
      await expect(local.open?.(fakeDriverServices())).rejects.toMatchObject({ code: 'AIOS_LLM_NOT_FOUND' })
    expect(loads).toEqual([])
    for (const [at, core] of cores.entries()) {
      await core.open?.(fakeDriverServices())
      expect(loads).toEqual(SDKS.slice(0, at + 1).map(([name]) => name))
    }
    for (const [name] of [...SDKS, ...HEAVY]) vi.doUnmock(name)
  })
})
