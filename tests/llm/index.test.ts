import * as llm from '@aios/llm'
import { fakeDriverServices } from '@aios/kernel/testing'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

const SRC = new URL('../../packages/llm/src/', import.meta.url).pathname

describe('@aios/llm', () => {
  it('exports what authors of cores share', () => {
    expect(Object.keys(llm).sort()).toEqual(['parseToolInput', 'toolNameMap'])
  })

  it('exports a core behind each entry of a vendor', async () => {
    expect(Object.keys(await import('@aios/llm/google'))).toEqual(['google'])
    expect(Object.keys(await import('@aios/llm/google-generative-ai'))).toEqual(['googleGenerativeAi'])
  })

  it('exports one core, two for tests and one suite behind its other entries', async () => {
    expect(Object.keys(await import('@aios/llm/openai'))).toEqual(['openai'])
    expect(Object.keys(await import('@aios/llm/testing')).sort()).toEqual([
      'llmConformance',
      'scriptedCore',
      'tokenEngine',
    ])
  })

  it('imports a vendor SDK nowhere but at run time, in the one file that loads it', async () => {
    const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'))
    const loading: string[] = []
    for (const file of files) {
      const source = await readFile(join(SRC, file), 'utf8')
      expect(source.match(/^import (?!type).* from '(openai|@google[/]).*'/m), file).toBeNull()
      if (/[( ]import[(]'(openai|@google[/].*)'[)]/.test(source)) loading.push(file)
    }
    expect(loading.sort()).toEqual(['google-generative-ai/sdk.ts', 'google/sdk.ts', 'openai/sdk.ts'])
  })

  it('loads no SDK before a core is opened', async () => {
    let loads = 0
    vi.doMock('openai', async (original) => {
      loads += 1
      return original()
    })
    vi.resetModules()
    await import('@aios/llm')
    const { openai } = await import('@aios/llm/openai')
    const core = openai('test-1', { apiKey: 'sk-test' })
    expect(loads).toBe(0)
    await core.open?.(fakeDriverServices())
    expect(loads).toBe(1)
    vi.doUnmock('openai')
  })

  it('loads the packages of Google only for the core that needs them', async () => {
    const loads: string[] = []
    vi.doMock('@google/genai', async (original) => {
      loads.push('genai')
      return original()
    })
    vi.doMock('@google/generative-ai', async (original) => {
      loads.push('generative-ai')
      return original()
    })
    vi.resetModules()
    const { google } = await import('@aios/llm/google')
    const { googleGenerativeAi } = await import('@aios/llm/google-generative-ai')
    const options = { apiKey: 'AIza-test' }
    const cores = [google('gemini-2.5-flash', options), googleGenerativeAi('gemini-2.5-flash', options)]
    expect(loads).toEqual([])
    await cores[1]!.open?.(fakeDriverServices())
    expect(loads).toEqual(['generative-ai'])
    await cores[0]!.open?.(fakeDriverServices())
    expect(loads).toEqual(['generative-ai', 'genai'])
    vi.doUnmock('@google/genai')
    vi.doUnmock('@google/generative-ai')
  })
})
