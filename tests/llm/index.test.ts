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

  it('exports two cores, two for tests and one suite behind its other entries', async () => {
    expect(Object.keys(await import('@aios/llm/openai'))).toEqual(['openai'])
    expect(Object.keys(await import('@aios/llm/anthropic'))).toEqual(['anthropic'])
    expect(Object.keys(await import('@aios/llm/testing')).sort()).toEqual([
      'llmConformance',
      'scriptedCore',
      'tokenEngine',
    ])
  })

  it.each([
    ['openai', 'openai/sdk.ts'],
    ['@anthropic-ai/sdk', 'anthropic/sdk.ts'],
  ])('imports %s nowhere but at run time, in the one file that loads it', async (name, loader) => {
    const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'))
    const loading: string[] = []
    for (const file of files) {
      const source = await readFile(join(SRC, file), 'utf8')
      expect(source.match(new RegExp(`^import (?!type).* from '${name}.*'`, 'm')), file).toBeNull()
      if (source.includes(`import('${name}')`)) loading.push(file)
    }
    expect(loading).toEqual([loader])
  })

  it('loads no SDK before a core is opened', async () => {
    const loads: string[] = []
    for (const name of ['openai', '@anthropic-ai/sdk']) {
      vi.doMock(name, async (original) => {
        loads.push(name)
        return original()
      })
    }
    vi.resetModules()
    await import('@aios/llm')
    const { openai } = await import('@aios/llm/openai')
    const { anthropic } = await import('@aios/llm/anthropic')
    const cores = [openai('test-1', { apiKey: 'sk-test' }), anthropic('test-1', { apiKey: 'sk-test' })]
    expect(loads).toEqual([])
    await cores[1]!.open?.(fakeDriverServices())
    expect(loads).toEqual(['@anthropic-ai/sdk'])
    await cores[0]!.open?.(fakeDriverServices())
    expect(loads).toEqual(['@anthropic-ai/sdk', 'openai'])
    vi.doUnmock('openai')
    vi.doUnmock('@anthropic-ai/sdk')
  })
})
