import type { ChatReply, ChatRequest, Usage } from './chat.js'
import type { StandardSchema } from '../syscall/standard-schema.js'

/**
 * Is what `llm.json` takes: a conversation, and what its answer must look like. Everything but the schema must be plain
 * data; the schema is sent, and recorded, as its JSON Schema.
 */
export interface JsonRequest<T = unknown> extends Omit<ChatRequest, 'responseFormat' | 'tools' | 'toolChoice'> {
  /**
   * Any Standard Schema that tells its JSON Schema (standardschema.dev/json-schema): zod from 4.2, arktype, valibot through
   * `toStandardJsonSchema`, or `jsonSchema()` of `@aios/tools` for a plain one.
   */
  readonly schema: StandardSchema<T>
  /** Names the answer to the model. Default `answer`. */
  readonly name?: string | undefined
  /** How often the model is told what was wrong and asked again, 0 to 8. Default 2. */
  readonly repairs?: number | undefined
}

/** Is one try of a model to keep to a schema. */
export interface JsonAttempt {
  /** What it wrote. */
  readonly text: string
  /** What was wrong with that; absent for the last attempt of a call that succeeded. */
  readonly problem?: string | undefined
}

/** Is the answer of `llm.json`. */
export interface JsonReply<T = unknown> {
  /** What the schema made of the answer: its output, defaults and transforms included. */
  readonly value: T
  /** Every try, the last of which is the answer. */
  readonly attempts: readonly JsonAttempt[]
  /** The reply that held the answer. */
  readonly reply: ChatReply
  /** Tokens of all attempts. */
  readonly usage: Usage
}
