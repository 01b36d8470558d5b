import {
  AiosError,
  type CoreWarning,
  describeValue,
  type FilePart,
  type Message,
  type MessagePart,
  type ProviderBag,
  type Role,
  type ToolResultPart,
} from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import { contentState, KIND } from '../provider-state.js'
import { carriedPart, toOpaque } from './app-state.js'
import type { AppMessage } from './served-model.js'

type Fields = Readonly<Record<string, unknown>>

interface Stateful {
  readonly opaque?: ProviderBag
}

const ROLES: readonly string[] = ['system', 'user', 'assistant', 'tool'] satisfies Role[]

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function fileData(data: unknown): Uint8Array | string | undefined {
  if (typeof data === 'string' || data instanceof Uint8Array) return data
  if (data instanceof URL) return data.href
  if (!isRecord(data)) return undefined
  if (data['type'] === 'text') return Buffer.from(text(data['text'])).toString('base64')
  return data['type'] === 'url' ? fileData(data['url']) : fileData(data['data'])
}

/** @throws AiosError `AIOS_LLM_BAD_REQUEST` for a file that only its provider has */
function filePart(part: Fields): FilePart {
  const data = fileData(part['data'])
  if (data === undefined) {
    const message = `Expected the bytes or the address of a file, got ${describeValue(part['data'])}. Files that a provider keeps cannot go through a kernel.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  const { mediaType, filename } = part
  return {
    type: 'file',
    mediaType: text(mediaType),
    data,
    ...(typeof filename === 'string' ? { filename } : {}),
    ...toOpaque(part['providerOptions']),
  }
}

/** Returns what a tool said: its words, its value, or the parts it returned. */
function outputOf(output: unknown, { opaque }: Stateful): Pick<ToolResultPart, 'output' | 'isError' | 'opaque'> {
  const state = opaque === undefined ? {} : { opaque }
  const { type, value, reason } = isRecord(output) ? output : ({} as Fields)
  if (type === 'error-text' || type === 'error-json') return { output: value, isError: true, ...state }
  if (type === 'execution-denied') return { output: text(reason) || 'The user denied it.', isError: true, ...state }
  if (type !== 'content' || !Array.isArray(value)) return { output: value, ...state }
  const texts = value.filter(isRecord).flatMap((each) => (each['type'] === 'text' ? [text(each['text'])] : []))
  return texts.length === value.length
    ? { output: texts.join(''), ...state }
    : { output: value, ...contentState(opaque) }
}

function callPart(part: Fields): MessagePart {
  const { toolCallId, toolName, input, providerExecuted, providerOptions } = part
  const state = toOpaque(providerOptions)
  if (providerExecuted === true) return { type: 'custom', kind: `${KIND}tool-call`, value: part, ...state }
  // The model wrote what is no JSON; the AI SDK hands it on as the text it was.
  const invalid = typeof input === 'string' ? { invalid: 'The arguments are no JSON object.' } : {}
  const inputText = typeof input === 'string' ? input : JSON.stringify(input ?? {})
  const parsed = typeof input === 'string' ? undefined : input
  return {
    type: 'tool-call',
    id: text(toolCallId),
    name: text(toolName),
    input: parsed,
    inputText,
    ...invalid,
    ...state,
  }
}

function toPart(part: Fields, role: string, warnings: CoreWarning[]): MessagePart[] {
  const whole = carriedPart(part['providerOptions'])
  if (whole !== undefined) return [whole]
  const { type, toolCallId, toolName } = part
  const state = toOpaque(part['providerOptions'])
  if (type === 'text' || type === 'reasoning') return [{ type, text: text(part['text']), ...state }]
  if (type === 'file') return [filePart(part)]
  if (type === 'tool-call') return [callPart(part)]
  if (type === 'tool-result' && role === 'tool')
    return [{ type, id: text(toolCallId), name: text(toolName), ...outputOf(part['output'], state) }]
  if (role === 'assistant') return [{ type: 'custom', kind: `${KIND}${text(type)}`, value: part, ...state }]
  warnings.push({
    setting: 'prompt',
    message: `A "${text(type)}" part of a ${role} message was left out: the kernel has none.`,
  })
  return []
}

/** What an app says of a message holds for its last part, as providers of the AI SDK have it. */
function withState(parts: MessagePart[], providerOptions: unknown): MessagePart[] {
  const { opaque } = toOpaque(providerOptions)
  const last = parts.at(-1)
  return opaque === undefined || last === undefined || last.opaque !== undefined
    ? parts
    : [...parts.slice(0, -1), { ...last, opaque }]
}

/**
 * Translates the prompt of an app. What was left out goes to `warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a role that no conversation has, or a file that only its provider has
 */
export function toMessages(prompt: readonly AppMessage[], warnings: CoreWarning[]): Message[] {
  return prompt.map(({ role, content, providerOptions }): Message => {
    if (!ROLES.includes(role))
      throw new AiosError(
        'AIOS_LLM_BAD_REQUEST',
        `Expected one of the roles ${ROLES.join(', ')}, got ${describeValue(role)}.`,
      )
    const parts: MessagePart[] =
      typeof content === 'string'
        ? [{ type: 'text', text: content }]
        : content.flatMap((part) => toPart(part as Fields, role, warnings))
    return { role: role as Role, content: withState(parts, providerOptions) }
  })
}
