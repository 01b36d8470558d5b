import {
  AiosError,
  type CoreWarning,
  type FilePart,
  type Message,
  type MessagePart,
  messageParts,
  type ProviderBag,
  type ReasoningPart,
  type ToolCallPart,
  type ToolResultPart,
} from '@aios/kernel/driver'
import { fileData } from '../core/file-data.js'
import { isRecord } from '../core/record.js'
import { resultText } from '../core/result-text.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'

/** Says how to translate the messages of one request. */
export interface MessageMapping {
  readonly names: ToolNameMap
  /** Host of the server: thoughts of any other stay behind. */
  readonly host: string
  readonly warnings: CoreWarning[]
}

/** Is a message as Ollama takes it; `id` and `tool_call_id` are newer than the SDK, and older servers read past them. */
export interface WireMessage {
  readonly role: string
  readonly content: string
  readonly thinking?: string
  readonly images?: Uint8Array[]
  readonly tool_calls?: WireCall[]
  readonly tool_name?: string
  readonly tool_call_id?: string
}

/** Is a tool call as Ollama takes it. */
export interface WireCall {
  readonly id: string
  readonly function: { readonly name: string; readonly arguments: Record<string, unknown> }
}

function misplaced(part: MessagePart, expected: string): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected}, got a "${part.type}" part.`)
}

/** Marks thoughts with the host they came from: they go back to it between tool calls. */
export function thoughtOrigin(host: string): ProviderBag {
  return { ollama: { host } }
}

function isOfHost({ opaque }: ReasoningPart, host: string): boolean {
  const origin = opaque?.['ollama']
  return isRecord(origin) && origin['host'] === host
}

/** The SDK takes strings for names of files, and reads those that exist: only bytes are safe from that. */
function imageBytes(part: FilePart): Uint8Array {
  const data = part.mediaType.startsWith('image/') ? fileData(part) : undefined
  if (data !== undefined && 'base64' in data) return Buffer.from(data.base64, 'base64')
  const got = data === undefined ? `a ${part.mediaType} file` : 'a web address'
  throw new AiosError('AIOS_UNSUPPORTED', `Expected the bytes of an image, got ${got}. Ollama takes nothing else.`)
}

function systemMessage(message: Message): WireMessage {
  const texts = messageParts(message).map((part) => {
    if (part.type !== 'text') throw misplaced(part, 'only text in a system message')
    return part.text
  })
  return { role: 'system', content: texts.join('') }
}

function userMessage(message: Message): WireMessage {
  const images: Uint8Array[] = []
  let content = ''
  for (const part of messageParts(message)) {
    if (part.type === 'text') content += part.text
    else if (part.type === 'file') images.push(imageBytes(part))
    else throw misplaced(part, 'text and images in a user message')
  }
  return { role: 'user', content, ...(images.length > 0 ? { images } : {}) }
}

/** The server takes objects alone for arguments: whatever else a model wrote is wrapped into one. */
function wireCall(part: ToolCallPart, names: ToolNameMap): WireCall {
  const isObject = part.invalid === undefined && isRecord(part.input)
  const input = isObject ? (part.input as Record<string, unknown>) : { unparsed: part.inputText }
  return { id: part.id, function: { name: names.toWire(part.name), arguments: input } }
}

function assistantMessage(message: Message, { names, host, warnings }: MessageMapping): WireMessage {
  const calls: WireCall[] = []
  let content = ''
  let thinking = ''
  for (const part of messageParts(message)) {
    if (part.type === 'text') content += part.text
    else if (part.type === 'tool-call') calls.push(wireCall(part, names))
    else if (part.type === 'tool-result') throw misplaced(part, 'no tool result in an assistant message')
    else if (part.type === 'reasoning') thinking += isOfHost(part, host) ? part.text : ''
    else if (part.type !== 'source') {
      const message = `A "${part.type}" part of an assistant message was left out: Ollama cannot take it back.`
      warnings.push({ setting: 'messages', message })
    }
  }
  return {
    role: 'assistant',
    content,
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function outputText(part: ToolResultPart, warnings: CoreWarning[]): string {
  const text = resultText(part, warnings)
  // There is no field for failure: the model must be able to read it.
  return part.isError === true ? `Error: ${text}` : text
}

function toolMessages(message: Message, { names, warnings }: MessageMapping): WireMessage[] {
  return messageParts(message).map((part) => {
    if (part.type !== 'tool-result') throw misplaced(part, 'only tool results in a tool message')
    const content = outputText(part, warnings)
    return { role: 'tool', content, tool_name: names.toWire(part.name), tool_call_id: part.id }
  })
}

/**
 * Translates a conversation. Warnings about what was left out go to `mapping.warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a part in a message of the wrong role, `AIOS_UNSUPPORTED` for a file that is no
 * image, or not there as bytes
 */
export function toWireMessages(messages: readonly Message[], mapping: MessageMapping): WireMessage[] {
  return messages.flatMap((message) => {
    if (message.role === 'system') return [systemMessage(message)]
    if (message.role === 'user') return [userMessage(message)]
    return message.role === 'assistant' ? [assistantMessage(message, mapping)] : toolMessages(message, mapping)
  })
}
