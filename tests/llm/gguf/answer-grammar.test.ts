import { describe, expect, it } from 'vitest'
import type { CoreRequest } from '@aios/kernel'
import { toolNameMap } from '@aios/llm'
import { answerRule } from '../../../packages/llm/src/gguf/answer-grammar.js'

type Llama = Parameters<typeof answerRule>[0]['llama']

/** An engine that makes grammars of simple schemas only. */
function engine(): { readonly llama: Llama; readonly asked: unknown[] } {
  const asked: unknown[] = []
  const llama = {
    createGrammarForJsonSchema: (schema: unknown) => {
      asked.push(schema)
      const isHard = JSON.stringify(schema).includes('hard')
      return isHard ? Promise.reject(new Error('too hard')) : Promise.resolve({ of: 'schema' })
    },
    getGrammarFor: (kind: string) => Promise.resolve({ of: kind }),
  }
  return { llama: llama as unknown as Llama, asked }
}

const tool = (name: string, inputSchema: Record<string, unknown> = { type: 'object', properties: {} }) => ({
  name,
  description: '',
  inputSchema,
})
const rule = (request: Partial<CoreRequest>, llama = engine().llama) =>
  answerRule({ llama, request: { messages: [], ...request }, names: toolNameMap(['a/b', 'c']) })

describe('answerRule', () => {
  it('leaves an answer in words alone', async () => {
    expect(await rule({ tools: [tool('c')], toolChoice: 'auto' })).toEqual({ form: 'prose', warnings: [] })
    expect(await rule({ responseFormat: { type: 'text' } })).toEqual({ form: 'prose', warnings: [] })
  })

  it('asks for one of the tools, by the names that the model knows', async () => {
    const { llama, asked } = engine()
    const request = { tools: [tool('a/b'), tool('c')], toolChoice: 'required' as const }
    expect(await rule(request, llama)).toMatchObject({ form: 'call', warnings: [] })
    expect(await rule({ ...request, toolChoice: { tool: 'a/b' } }, llama)).toMatchObject({ form: 'call' })
    const names = asked.map((schema) =>
      (schema as { oneOf: { properties: { name: { const: string } } }[] }).oneOf.map(
        (one) => one.properties.name.const,
      ),
    )
    expect(names).toEqual([['a_b', 'c'], ['a_b']])
  })

  it('falls back on plain JSON, with a warning, where the engine makes no grammar of a schema', async () => {
    const schema = { type: 'object', properties: { hard: {} } }
    expect(await rule({ responseFormat: { type: 'json', schema } })).toEqual({
      form: 'json',
      grammar: { of: 'json' },
      warnings: [{ setting: 'responseFormat', message: expect.stringContaining('too hard') as string }],
    })
    const called = await rule({ tools: [tool('c', schema)], toolChoice: 'required' })
    expect(called).toMatchObject({ form: 'call', grammar: { of: 'schema' }, warnings: [{ setting: 'tools' }] })
  })

  it('says that JSON leaves no room for the tools that are offered', async () => {
    const json = { responseFormat: { type: 'json' as const }, tools: [tool('c')] }
    expect(await rule(json)).toMatchObject({ form: 'json', warnings: [{ setting: 'tools' }] })
    expect(await rule({ ...json, toolChoice: 'none' })).toMatchObject({ form: 'json', warnings: [] })
    expect(await rule({ ...json, toolChoice: 'required' })).toMatchObject({ form: 'call', warnings: [] })
  })
})
