import type { CoreRequest, CoreWarning } from '@aios/kernel'
import type { Effort } from '../openai/chat-dialect.js'
import type { GroqOptions, ReasoningFormat } from './groq-options.js'

type Fields = Readonly<Record<string, unknown>>

const isGptOss = (model: string): boolean => /(?:^|\/)gpt-oss-/.test(model)
const isQwen = (model: string): boolean => /(?:^|\/)qwen-?3/.test(model)
const isTagged = (model: string): boolean => isQwen(model) || /(?:^|\/)deepseek-r1/.test(model)

/** Returns how hard a model is asked to think: each family has levels of its own (Groq's documentation, "Reasoning"). */
export function groqEffort(model: string): (effort: Effort) => Fields {
  if (isQwen(model)) return (effort) => ({ reasoning_effort: effort === 'none' ? 'none' : 'default' })
  if (isGptOss(model))
    return (effort) => ({ reasoning_effort: effort === 'none' || effort === 'minimal' ? 'low' : effort })
  return (effort) => ({ reasoning_effort: effort === 'minimal' ? 'low' : effort })
}

/** Tells what a model makes of the effort that a request wants, where that is something else. */
export function effortWarnings(model: string, { reasoning }: CoreRequest): readonly CoreWarning[] {
  if (!isGptOss(model) || reasoning !== 'none') return []
  return [{ setting: 'reasoning', message: 'The model always thinks; it was asked to think little.' }]
}

/** Says where the thoughts of an answer are to be put, and what had to be changed of that. */
export interface FormatFields {
  readonly fields: Fields
  readonly warnings: readonly CoreWarning[]
}

function tagged(format: ReasoningFormat, { tools = [], responseFormat }: CoreRequest): FormatFields {
  const isPlain = tools.length === 0 && responseFormat?.type !== 'json'
  if (format !== 'raw' || isPlain) return { fields: { reasoning_format: format }, warnings: [] }
  const message = 'With tools or JSON the API takes no "raw"; "parsed" was sent.'
  return { fields: { reasoning_format: 'parsed' }, warnings: [{ setting: 'reasoningFormat', message }] }
}

/** Returns the fields that say where thoughts go. gpt-oss models have a switch instead, and no `raw`. */
export function formatFields(model: string, request: CoreRequest, { reasoningFormat }: GroqOptions): FormatFields {
  const format = reasoningFormat ?? (isTagged(model) ? 'parsed' : undefined)
  if (format === undefined) return { fields: {}, warnings: [] }
  if (!isGptOss(model)) return tagged(format, request)
  const message = 'The model has no "raw"; "parsed" was sent.'
  const warnings = format === 'raw' ? [{ setting: 'reasoningFormat', message }] : []
  return { fields: { include_reasoning: format !== 'hidden' }, warnings }
}
