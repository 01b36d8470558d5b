import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { GoogleGenerativeAI } from '@google/generative-ai'
import type { LlmDriver } from '@aios/kernel'
import { anthropic } from '@aios/llm/anthropic'
import { google } from '@aios/llm/google'
import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
import { groq } from '@aios/llm/groq'
import { ollama } from '@aios/llm/ollama'
import { openai } from '@aios/llm/openai'
import Groq from 'groq-sdk'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { COMPLETIONS, GENERATE_CONTENT, MESSAGES, OLLAMA_CHAT, type VendorWords } from './vendor-words.js'

/** Is one streamed answer: calls back for each piece of text. */
export type Ask = (heard: () => void) => Promise<void>

/** Is a vendor: how its server speaks, its SDK by itself, and the core over it. */
export interface Vendor {
  readonly name: string
  readonly words: VendorWords
  bare(origin: string): Ask
  core(origin: string): LlmDriver
}

const content = 'Count.'
const messages = [{ role: 'user' as const, content }]
const contents = [{ role: 'user', parts: [{ text: content }] }]
const model = 'm'
const apiKey = 'key-for-benchmarks'

/** Every vendor whose SDK speaks over HTTP. */
export const VENDORS: readonly Vendor[] = [
  {
    name: 'openai',
    words: COMPLETIONS,
    bare(origin) {
      const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey, maxRetries: 0 })
      return async (heard) => {
        const stream = await client.chat.completions.create({ model, messages, stream: true })
        for await (const { choices } of stream) if ((choices[0]?.delta.content ?? '') !== '') heard()
      }
    },
    core: (origin) => openai(model, { baseURL: `${origin}/v1`, apiKey }),
  },
  {
    name: 'anthropic',
    words: MESSAGES,
    bare(origin) {
      const client = new Anthropic({ baseURL: origin, apiKey, maxRetries: 0 })
      return async (heard) => {
        const stream = await client.messages.create({ model, messages, max_tokens: 100, stream: true })
        for await (const event of stream) if (event.type === 'content_block_delta') heard()
      }
    },
    core: (origin) => anthropic(model, { baseURL: origin, apiKey, maxOutputTokens: 100 }),
  },
  {
    name: 'google',
    words: GENERATE_CONTENT,
    bare(origin) {
      const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin } })
      return async (heard) => {
        const stream = await client.models.generateContentStream({ model, contents })
        for await (const { candidates } of stream) {
          if ((candidates?.[0]?.content?.parts?.[0]?.text ?? '') !== '') heard()
        }
      }
    },
    core: (origin) => google(model, { baseURL: origin, apiKey }),
  },
  {
    name: 'google-generative-ai',
    words: GENERATE_CONTENT,
    bare(origin) {
      const client = new GoogleGenerativeAI(apiKey).getGenerativeModel({ model }, { baseUrl: origin })
      return async (heard) => {
        const { stream } = await client.generateContentStream({ contents })
        for await (const { candidates } of stream) {
          if ((candidates?.[0]?.content.parts[0]?.text ?? '') !== '') heard()
        }
      }
    },
    core: (origin) => googleGenerativeAi(model, { baseURL: origin, apiKey }),
  },
  {
    name: 'groq',
    words: COMPLETIONS,
    bare(origin) {
      const client = new Groq({ baseURL: origin, apiKey, maxRetries: 0 })
      return async (heard) => {
        const stream = await client.chat.completions.create({ model, messages, stream: true })
        for await (const { choices } of stream) if ((choices[0]?.delta.content ?? '') !== '') heard()
      }
    },
    core: (origin) => groq(model, { baseURL: origin, apiKey }),
  },
  {
    name: 'ollama',
    words: OLLAMA_CHAT,
    bare(origin) {
      const client = new Ollama({ host: origin })
      return async (heard) => {
        const stream = await client.chat({ model, messages, stream: true })
        for await (const { message } of stream) if (message.content !== '') heard()
      }
    },
    core: (origin) => ollama(model, { baseURL: origin }),
  },
]
