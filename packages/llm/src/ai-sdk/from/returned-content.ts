import type { CoreWarning, CustomPart, JsonValue } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { KIND, originOf, returnedState } from '../provider-state.js'
import type { SdkModel } from './model.js'
import type { PromptAnswer } from './prompt.js'
import type { PromptResult } from './prompt-result.js'

type Fields = Readonly<Record<string, unknown>>

/** What an answer holds, and no prompt: the model is not to see it again. */
const ANSWER_ONLY = new Set(['metadata', 'tool-approval-request', 'source'])

/** Tools that the provider itself ran, and what only some specifications have, go back as they came. */
function promptPart(
  name: string,
  value: Fields,
  state: { readonly providerOptions?: Fields },
): PromptAnswer | undefined {
  const text = (key: string): string => String(value[key])
  switch (name) {
    case 'tool-call': {
      const call = { toolCallId: text('toolCallId'), toolName: text('toolName'), input: inputOf(value['input']) }
      return { type: 'tool-call', ...call, providerExecuted: true, ...state }
    }
    case 'tool-result': {
      const type = value['isError'] === true ? 'error-json' : 'json'
      // What an app kept of another conversation is a part of a prompt already.
      const given = isRecord(value['output']) ? (value['output'] as unknown as PromptResult['output']) : undefined
      const output = given ?? ({ type, value: (value['result'] ?? null) as JsonValue } as const)
      return { type: 'tool-result', toolCallId: text('toolCallId'), toolName: text('toolName'), output, ...state }
    }
    case 'custom':
      return { type: 'custom', kind: text('kind'), ...state }
    case 'reasoning-file':
      return { type: 'reasoning-file', mediaType: text('mediaType'), data: value['data'], ...state }
    default:
      return undefined
  }
}

/** A provider's own calls come as text, and go back as what it means. */
function inputOf(input: unknown): unknown {
  try {
    return typeof input === 'string' ? (JSON.parse(input) as unknown) : input
  } catch {
    return input
  }
}

/** Translates a part that holds content of the AI SDK; what is of another origin is left out, with a warning. */
export function returnedContent(part: CustomPart, { provider }: SdkModel, warnings: CoreWarning[]): PromptAnswer[] {
  const state = returnedState(part.opaque, provider)
  const name = part.kind.startsWith(KIND) ? part.kind.slice(KIND.length) : ''
  if (ANSWER_ONLY.has(name)) return []
  const isOwn = isRecord(part.value) && [undefined, provider].includes(originOf(part.opaque) as string | undefined)
  const returned = isOwn ? promptPart(name, part.value, state) : undefined
  if (returned !== undefined) return [returned]
  const message = `A "${part.kind}" part of an assistant message was left out: this model cannot take it back.`
  warnings.push({ setting: 'messages', message })
  return []
}
