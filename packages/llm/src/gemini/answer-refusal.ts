import { AiosError } from '@aios/kernel/driver'
import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'
import type { Generated } from './generated.js'

/** Is an answer of the provider that is an error, whichever package threw it. */
export class AnswerRefusal extends Error {
  override readonly name = 'AnswerRefusal'
  /** HTTP status; undefined for an error inside of a stream. */
  readonly status: number | undefined
  /** What stands under `error` in the answer. */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers | undefined

  constructor(answer: {
    readonly status: number | undefined
    readonly body: Readonly<Record<string, unknown>>
    readonly headers?: Headers | undefined
    readonly cause?: unknown
  }) {
    const { status, body, headers, cause } = answer
    const said = typeof body['message'] === 'string' ? body['message'] : jsonText(body)
    super(said, { cause })
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/**
 * Throws if an answer, or the chunk of one, is an error.
 *
 * @throws AnswerRefusal
 */
export function checkAnswered(answer: unknown): void {
  if (!isRecord(answer) || !isRecord(answer['error'])) return
  throw new AnswerRefusal({ status: undefined, body: answer['error'] })
}

/**
 * Throws if the prompt was refused.
 *
 * @throws AiosError `AIOS_LLM_CONTENT_FILTER`
 */
export function checkPrompt({ blockReason, candidate }: Generated): void {
  if (blockReason === undefined || candidate !== undefined) return
  const message = `Expected an answer, got a refusal of the prompt: ${blockReason}. Change the content, or the safetySettings.`
  throw new AiosError('AIOS_LLM_CONTENT_FILTER', message, { details: { provider: 'google', blockReason } })
}
