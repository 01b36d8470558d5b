import type { ChatRequest } from '@aios/kernel'
import { option } from '@aios/kernel/driver'
import type { TextFeatures } from './text-features.js'

/** Says how well a model did. */
export interface Outcome {
  /** From 0, useless, to 1. */
  readonly quality: number
  /** Tokens of the answer, where known. */
  readonly outputTokens?: number | undefined
}

/** Is a request of the past, and how well one or several models did it. */
export interface RoutingExample {
  /** The last message of the user. */
  readonly text: string
  /** The class of task that was declared. */
  readonly task?: string | undefined
  /** By name of the model. */
  readonly outcomes: Readonly<Record<string, Outcome>>
}

/** Is an example as it is remembered: without its text. */
export interface Memory {
  readonly features: TextFeatures
  readonly vector: Float32Array | undefined
  readonly task: string | undefined
  readonly outcomes: Readonly<Record<string, Outcome>>
}

/** Is the quality of an answer. */
export const isQuality = option.number(0, 1)

const isOutcome = option.object({ quality: isQuality, outputTokens: option.optional(option.number(0)) })

/** Accepts a {@link RoutingExample}. */
export const isExample = option.object({
  text: option.string,
  task: option.optional(option.name),
  outcomes: (value, path) => {
    const problem = option.record(value, path)
    if (problem !== undefined) return problem
    for (const [model, outcome] of Object.entries(value as object)) {
      const wrong = isOutcome(outcome, `${path}.${model}`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  },
})

/** Makes a request of a text. */
export function requestOf(text: string): ChatRequest {
  return { messages: [{ role: 'user', content: text }] }
}
