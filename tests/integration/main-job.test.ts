import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scriptedCore } from '@aios/llm/testing'
import { createKernel, defineTool, embeddedStorage, react, reflexion } from '@aios/sdk'
import { z } from 'zod'

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'aios-main-job-'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content)
  return path
}

describe('the main job', () => {
  it('answers a question about the files of a folder with search, reading and arithmetic, and accounts for it', async () => {
    const root = await folder({ 'a.txt': 'apples 12\npears 5\n', 'b.txt': 'apples 30\n', 'c.md': 'nothing\n' })
    const core = scriptedCore([
      {
        text: 'I search first.',
        toolCalls: [
          { name: 'search_files', input: { query: 'apples' } },
          { name: 'list_files', input: {} },
        ],
      },
      { toolCalls: [{ name: 'calculator', input: { expression: '12 + 30' } }] },
      'There are 42 apples.',
    ])
    const kernel = await createKernel({ llm: core, storage: embeddedStorage({ root }) })
    const answer = await kernel.run(react(), 'How many apples are there?', {
      name: 'counter',
      budget: { tokens: 1_000_000, calls: 50 },
    })
    expect(answer).toBe('There are 42 apples.')
    const results = core.requests[1]?.messages.at(-1)?.content
    expect(JSON.stringify(results)).toContain('apples 30')
    expect(JSON.stringify(core.requests[2]?.messages.at(-1)?.content)).toContain('42')
    const [process] = kernel.ps()
    expect(process).toMatchObject({ name: 'counter', state: 'exited', outcome: 'fulfilled' })
    expect(process?.usage.calls).toBeGreaterThanOrEqual(9)
    expect(kernel.stats()).toMatchObject({ outstanding: 0 })
    await kernel.close()
    await rm(root, { recursive: true })
  })

  it('keeps what an agent writes on disk, and tools of its own beside the built-in ones', async () => {
    const root = await folder({})
    const shout = defineTool({
      name: 'shout',
      description: 'Writes a text in capitals to a file.',
      input: z.object({ text: z.string() }),
      execute: async ({ text }, { sys }) =>
        (await sys.storage.write({ path: 'out/loud.txt', content: text.toUpperCase() })).path,
    })
    const core = scriptedCore([{ toolCalls: [{ name: 'shout', input: { text: 'hello' } }] }, 'Done.'])
    const kernel = await createKernel({ llm: core, storage: embeddedStorage({ root }), tools: [shout] })
    expect(await kernel.run(react({ tools: ['shout'] }), 'Shout hello.')).toBe('Done.')
    expect(await readFile(join(root, 'out/loud.txt'), 'utf8')).toBe('HELLO')
    await kernel.close()
    await rm(root, { recursive: true })
  })

  it('lets an agent fail, reflect into its memory, and succeed', async () => {
    const core = scriptedCore(['41', 'I forgot to carry the one.', '42'])
    const kernel = await createKernel({ llm: core })
    const agent = reflexion({
      evaluate: (_sys, { answer }) =>
        Promise.resolve(answer === '42' ? { ok: true } : { ok: false, feedback: 'wrong' }),
    })
    const result = await kernel.run(agent, 'What is 6 * 7?', { name: 'learner' })
    expect(JSON.stringify(result)).toContain('42')
    expect(JSON.stringify(core.requests[2])).toContain('carry the one')
    const notes = await kernel.sys({ namespace: 'learner' }).memory.retrieve({ query: 'carry' })
    expect(notes).toMatchObject([{ content: expect.stringContaining('carry the one') as string }])
    await kernel.close()
  })

  it('keeps two kernels in one process apart', async () => {
    const [one, two] = await Promise.all([
      createKernel({ llm: scriptedCore(['1']) }),
      createKernel({ llm: scriptedCore(['2']) }),
    ])
    await one.sys().memory.add({ content: 'secret of one' })
    expect(await two.sys().memory.retrieve({ query: 'secret' })).toEqual([])
    expect((await one.sys().llm.chat({ messages: [{ role: 'user', content: 'x' }] })).text).toBe('1')
    expect(two.stats().settled).toBe(1)
    await one.close()
    expect((await two.sys().llm.chat({ messages: [{ role: 'user', content: 'x' }] })).text).toBe('2')
    await two.close()
  })
})
