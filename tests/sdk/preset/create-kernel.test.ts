import { createKernel as bareKernel, ramRecords, readRun } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { createKernel, defineTool, embeddedMemory, embeddedStorage, react, tools } from '@aios/sdk'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'

const add = defineTool({
  name: 'add',
  description: 'Adds two numbers.',
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => a + b,
})
const request = { messages: [{ role: 'user', content: 'hi' }] } as const

describe('createKernel', () => {
  it('boots with memory, storage and the built-in tools and no option at all', async () => {
    const kernel = await createKernel()
    const sys = kernel.sys()
    await sys.memory.add({ content: 'the sky is blue' })
    await expect(sys.memory.retrieve({ query: 'sky' })).resolves.toMatchObject([{ content: 'the sky is blue' }])
    await sys.storage.write({ path: 'a.txt', content: 'hello' })
    await expect(sys.tool.call({ name: 'read_file', input: { path: 'a.txt' } })).resolves.toMatchObject({
      output: { content: 'hello' },
    })
    await expect(sys.tool.call({ name: 'calculator', input: { expression: '0.1 + 0.2' } })).resolves.toMatchObject({
      output: { result: '0.3' },
    })
    const names = (await sys.tool.list()).map(({ name }) => name)
    expect(names.every((name) => name.startsWith('builtin/'))).toBe(true)
    expect(names).toEqual(expect.arrayContaining(['builtin/clock', 'builtin/search_files', 'builtin/recall']))
    await kernel.close()
  })

  it('puts the tools of a list beside the built-in ones and runs an agent with them', async () => {
    const llm = scriptedCore([{ toolCalls: [{ name: 'add', input: { a: 2, b: 2 } }] }, 'Four.'])
    const kernel = await createKernel({ llm, tools: [add] })
    await expect(kernel.run(react(), 'What is 2 + 2?')).resolves.toBe('Four.')
    expect(llm.requests[0]?.tools?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['local/add', 'builtin/clock']),
    )
    await kernel.close()
  })

  it('takes drivers as they are: a tool device brings no built-in tools', async () => {
    const memory = embeddedMemory()
    const kernel = await createKernel({ memory, storage: embeddedStorage(), tools: tools([add]) })
    await expect(kernel.sys().tool.list()).resolves.toMatchObject([{ name: 'local/add' }])
    // Each driver serves one kernel, so the second shows that the first took it.
    await expect(createKernel({ memory })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await kernel.close()
  })

  it('records nothing without a data directory', async () => {
    const records = ramRecords()
    const kernel = await createKernel({ records })
    expect(() => kernel.spawn(() => 1, '', { runId: 'a' })).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
    await kernel.close()
  })

  it('records with one, where the store says that is given, unless told not to', async () => {
    const records = ramRecords()
    const kernel = await createKernel({ dataDir: './never-made', records })
    await kernel.run(() => 1, '', { runId: 'a' })
    expect((await readRun(records, 'a')).header.state).toBe('fulfilled')
    await kernel.close()
    const silent = await createKernel({ dataDir: './never-made', records, journal: false })
    await expect(silent.readRun('a')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await silent.close()
  })

  it.each(['', 7])('refuses %j as a data directory', async (dataDir) => {
    await expect(createKernel({ dataDir } as never)).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('dataDir') as string,
    })
  })

  it('asks the core of the environment where no other is given', async () => {
    vi.stubEnv('OLLAMA_HOST', '127.0.0.1:1')
    const kernel = await createKernel()
    await expect(kernel.sys().llm.chat(request)).rejects.toMatchObject({ code: 'AIOS_LLM_NETWORK' })
    await kernel.close()
    const given = await createKernel({ llm: scriptedCore(['mine']) })
    await expect(given.sys().llm.chat(request)).resolves.toMatchObject({ text: 'mine' })
    await given.close()
  })

  it('rejects calls of the model with AIOS_NO_DEVICE, saying how to add one, where there is none', async () => {
    const kernel = await createKernel()
    const bare = await bareKernel()
    const said = async (chat: Promise<unknown>) => chat.catch((error: { code: string; message: string }) => error)
    const error = (await said(kernel.sys().llm.chat(request))) as { code: string; message: string }
    expect(error.code).toBe('AIOS_NO_DEVICE')
    expect(error.message).toContain('llm')
    expect(error.message).toBe(((await said(bare.sys().llm.chat(request))) as Error).message)
    await kernel.close()
    await bare.close()
  })

  it.each([
    [{ dataDirectory: './data' }, 'dataDirectory'],
    [{ lmm: [] }, 'lmm'],
    [{ tools: [{ name: 'add' }] }, 'defineTool'],
    [{ tools: 'add' }, 'tools'],
  ])('rejects %j', async (options, named) => {
    await expect(createKernel(options as never)).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining(named) as string,
    })
  })

  it('keeps two kernels apart', async () => {
    const [a, b] = [await createKernel(), await createKernel()]
    await a.sys().memory.add({ content: 'only here' })
    await a.sys().storage.write({ path: 'only.txt', content: 'here' })
    await expect(b.sys().memory.retrieve({ query: 'only here' })).resolves.toEqual([])
    await expect(b.sys().storage.list()).resolves.toEqual([])
    await a.close()
    await b.close()
  })
})
