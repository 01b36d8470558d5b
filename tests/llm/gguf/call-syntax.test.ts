import { describe, expect, it } from 'vitest'
// From its import on the package listens to signals, for good: that is none of what a test leaves behind.
import '@aios/ground-gguf'
import type { StreamPart } from '@aios/kernel'
import { AnswerBlocks } from '../../../packages/llm/src/local/answer-blocks.js'
import { ProseReader } from '../../../packages/llm/src/local/answer-reader.js'
import { answerSyntax } from '../../../packages/llm/src/gguf/call-syntax.js'
import { loadSdk } from '../../../packages/llm/src/gguf/sdk.js'

const sdk = await loadSdk()
const WRAPPERS = {
  chatML: new sdk.ChatMLChatWrapper(),
  deepSeek: new sdk.DeepSeekChatWrapper(),
  functionary: new sdk.FunctionaryChatWrapper(),
  gemma: new sdk.GemmaChatWrapper(),
  general: new sdk.GeneralChatWrapper(),
  llama3: new sdk.Llama3ChatWrapper(),
  'llama3.1': new sdk.Llama3_1ChatWrapper(),
  mistral: new sdk.MistralChatWrapper(),
  qwen: new sdk.QwenChatWrapper(),
}
type Wrapper = (typeof WRAPPERS)[keyof typeof WRAPPERS]

/** What the core makes of an answer of a model with this template. */
function meaningOf(wrapper: Wrapper, answer: string): { calls: unknown[]; text: string; thought: string } {
  const syntax = answerSyntax(wrapper, sdk, (words) => words.toString())
  const blocks = new AnswerBlocks(String)
  const reader = new ProseReader(blocks, { stops: [], hasTools: true, syntax }, (name) => name)
  for (const letter of answer) if (reader.read(letter)) break
  reader.end()
  const parts = blocks.take()
  const join = (type: StreamPart['type']) =>
    parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
  const calls = parts.filter((part) => part.type === 'tool-call').map(({ name, input }) => ({ name, input }))
  return { calls, text: join('text-delta'), thought: join('reasoning-delta') }
}

describe('answerSyntax', () => {
  it.each(Object.entries(WRAPPERS))('knows the tool calls of %s as the template writes them', (_, wrapper) => {
    const call = wrapper.generateFunctionCall('add', { a: [1, '}'], b: 'x)' }).toString()
    expect(meaningOf(wrapper, `Well. ${call}`)).toMatchObject({
      calls: [{ name: 'add', input: { a: [1, '}'], b: 'x)' } }],
      text: expect.stringMatching(/^Well\.\s*$/) as string,
    })
  })

  it('knows several calls where a template has several', () => {
    for (const wrapper of Object.values(WRAPPERS)) {
      const { parallelism } = wrapper.settings.functions
      if (parallelism === undefined) continue
      const { sectionPrefix, betweenCalls = '', sectionSuffix = '' } = parallelism.call
      const [one, two] = ['one', 'two'].map((name) => wrapper.generateFunctionCall(name, { a: 1 }))
      const answer = sdk.LlamaText([sectionPrefix, one!, betweenCalls, two!, sectionSuffix]).toString()
      const { calls, text } = meaningOf(wrapper, answer)
      expect(calls, wrapper.wrapperName).toEqual(['one', 'two'].map((name) => ({ name, input: { a: 1 } })))
      expect(text.trim()).toBe('')
    }
  })

  it('knows the thoughts of a model that thinks', () => {
    const answer = '<think>Hm.</think>Yes.'
    expect(meaningOf(WRAPPERS.qwen, answer)).toEqual({ calls: [], text: 'Yes.', thought: 'Hm.' })
    expect(meaningOf(WRAPPERS.deepSeek, answer)).toEqual({ calls: [], text: 'Yes.', thought: 'Hm.' })
    expect(meaningOf(WRAPPERS.chatML, answer)).toMatchObject({ text: answer })
  })
})
