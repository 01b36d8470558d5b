import { isRecord } from '../core/record.js'
import type { WirePart } from './wire-content.js'

type Fields = Readonly<Record<string, unknown>>

/** Is an answer, or one chunk of a streamed one, with everything checked that the types only promise. */
export interface Generated {
  readonly id: string | undefined
  readonly model: string | undefined
  /** The provider's own usage object. */
  readonly usage: Fields | undefined
  /** The first alternative, as it came; further ones, asked for with `candidateCount`, are not read. */
  readonly candidate: Fields | undefined
  /** What the candidate says. */
  readonly parts: readonly WirePart[]
  readonly finishReason: string | undefined
  /** Why the prompt was refused, if it was. */
  readonly blockReason: string | undefined
}

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})
const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Reads what a server sent. Nothing is taken for granted and nothing throws. */
export function readGenerated(value: unknown): Generated {
  const fields = fieldsOf(value)
  const candidate = records(fields['candidates']).find((one) => (one['index'] ?? 0) === 0)
  return {
    id: text(fields['responseId']),
    model: text(fields['modelVersion']),
    usage: isRecord(fields['usageMetadata']) ? fields['usageMetadata'] : undefined,
    candidate,
    parts: records(fieldsOf(candidate?.['content'])['parts']),
    finishReason: text(candidate?.['finishReason']),
    blockReason: text(fieldsOf(fields['promptFeedback'])['blockReason']),
  }
}
