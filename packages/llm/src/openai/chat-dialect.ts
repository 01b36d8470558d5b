import type { ChatRequest, CoreRequest } from '@aios/kernel'
import { isOpenAiHost } from './openai-options.js'

/** Says how hard a model is asked to think. */
export type Effort = NonNullable<ChatRequest['reasoning']>

/** Is how a server's chat completions differ from those of others. */
export interface ChatDialect {
  /** Names the provider: in `providerOptions`, and in the details of errors. */
  readonly provider: string
  /** Returns the field that bounds the length of an answer. */
  lengthField(host: string): 'max_tokens' | 'max_completion_tokens'
  /** Returns the fields that say how hard to think. */
  reasoning(effort: Effort): Readonly<Record<string, unknown>>
  /** Returns the fields that ask to go on with the last message, which is the beginning of an answer, instead of answering it. */
  continuation(): Readonly<Record<string, unknown>>
  /** Marks the message that is to be gone on with, where the server wants that. */
  readonly prefixMark?: Readonly<Record<string, unknown>> | undefined
  /** Fields of every request. */
  readonly always?: Readonly<Record<string, unknown>> | undefined
  /** Settings that the server does not take. */
  readonly ignores?: readonly (keyof CoreRequest)[] | undefined
}

/** Is how OpenAI speaks, and how most servers understand it. */
export const OPENAI_DIALECT: ChatDialect = {
  provider: 'openai',
  // OpenAI's reasoning models reject `max_tokens`; most servers that copy OpenAI know nothing else.
  lengthField: (host) => (isOpenAiHost(host) ? 'max_completion_tokens' : 'max_tokens'),
  reasoning: (effort) => ({ reasoning_effort: effort }),
  continuation: () => ({ continue_final_message: true, add_generation_prompt: false }),
}
