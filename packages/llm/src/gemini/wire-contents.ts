import {
  AiosError,
  type CoreWarning,
  type Message,
  type MessagePart,
  messageParts,
  type ToolCallPart,
  type ToolResultPart,
} from '@aios/kernel/driver'
import { isRecord } from '../core/record.js'
import { resultContent, resultValue } from '../core/result-text.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import { isMetadata } from './candidate-metadata.js'
import { returningOrigin } from './part-origin.js'
import { toWireFile } from './wire-file.js'
import type { WireContent, WirePart } from './wire-content.js'

/** Says how to translate the messages of one request. */
export interface ContentsMapping {
  readonly names: ToolNameMap
  /** Host of the provider: state of any other stays behind. */
  readonly host: string
  /** Whether the model is of Gemini 3 or later: it refuses function calls without a signature, and takes files in results of tools. */
  readonly isGemini3: boolean
  readonly warnings: CoreWarning[]
}

/** Is a conversation as Gemini takes it: what the system says stands apart. */
export interface WireConversation {
  readonly system: readonly WirePart[]
  readonly contents: readonly WireContent[]
}

/** Stands for the signature of a call that another model made; see "Thought signatures" of Gemini's documentation. */
const UNSIGNED = 'skip_thought_signature_validator'

function misplaced(part: MessagePart, expected: string): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected}, got a "${part.type}" part.`)
}

const signed = (signature: string | undefined): WirePart =>
  signature === undefined ? {} : { thoughtSignature: signature }

function systemParts(message: Message): WirePart[] {
  return messageParts(message).map((part) => {
    if (part.type !== 'text') throw misplaced(part, 'only text in a system message')
    return { text: part.text }
  })
}

function userParts(message: Message): WirePart[] {
  return messageParts(message).map((part) => {
    if (part.type === 'text') return { text: part.text }
    if (part.type === 'file') return toWireFile(part)
    throw misplaced(part, 'text and files in a user message')
  })
}

/** The API takes nothing but an object. */
function argumentsOf(part: ToolCallPart): Readonly<Record<string, unknown>> {
  return part.invalid === undefined && isRecord(part.input) ? part.input : { unparsed: part.inputText }
}

/** Collects the contents of one conversation. */
class Conversation {
  readonly system: WirePart[] = []
  readonly contents: WireContent[] = []
  readonly #mapping: ContentsMapping
  /** The place of each call among all, and the id that the provider gave it. */
  readonly #calls = new Map<string, { readonly place: number; readonly id: string | undefined }>()
  #results: ToolResultPart[] = []

  constructor(mapping: ContentsMapping) {
    this.#mapping = mapping
  }

  add(message: Message): void {
    if (message.role === 'tool') return this.#keepResults(message)
    this.endResults()
    if (message.role === 'system') this.system.push(...systemParts(message))
    else if (message.role === 'user') this.#push('user', userParts(message))
    else this.#push('model', this.#modelParts(message))
  }

  /** All results of a turn have to come in one content, and in the order of the calls, which may have no ids. */
  endResults(): void {
    const place = ({ id }: ToolResultPart): number => this.#calls.get(id)?.place ?? Number.MAX_SAFE_INTEGER
    const results = this.#results.splice(0).sort((one, other) => place(one) - place(other))
    this.#push(
      'user',
      results.map((part) => this.#wireResult(part)),
    )
  }

  #push(role: WireContent['role'], parts: readonly WirePart[]): void {
    if (parts.length > 0) this.contents.push({ role, parts })
  }

  #keepResults(message: Message): void {
    for (const part of messageParts(message)) {
      if (part.type !== 'tool-result') throw misplaced(part, 'only tool results in a tool message')
      this.#results.push(part)
    }
  }

  #wireResult(part: ToolResultPart): WirePart {
    const id = this.#calls.get(part.id)?.id
    const { output, files } = this.#result(part)
    const response = part.isError === true ? { error: output } : { output }
    const name = this.#mapping.names.toWire(part.name)
    return { functionResponse: { ...(id === undefined ? {} : { id }), name, response, ...files } }
  }

  /** Files stand beside the value; what a tool says in words is the value. */
  #result(part: ToolResultPart): {
    readonly output: unknown
    readonly files?: { readonly parts: readonly WirePart[] }
  } {
    const { isGemini3, warnings } = this.#mapping
    if (!isGemini3) return { output: resultValue(part, warnings) }
    const content = resultContent<string | WirePart>(part, { text: (text) => text, file: toWireFile }, warnings)
    if (content === undefined) return { output: resultValue(part, warnings) }
    const output = content.filter((piece) => typeof piece === 'string').join('\n')
    const parts = content.filter((piece) => typeof piece !== 'string')
    return { output, ...(parts.length === 0 ? {} : { files: { parts } }) }
  }

  #modelParts(message: Message): WirePart[] {
    let isFirstCall = true
    return messageParts(message).flatMap((part): WirePart[] => {
      if (part.type === 'tool-result') throw misplaced(part, 'no tool result in an assistant message')
      if (part.type !== 'tool-call') return this.#modelPart(part)
      const call = this.#wireCall(part, isFirstCall)
      isFirstCall = false
      return [call]
    })
  }

  #modelPart(part: Exclude<MessagePart, ToolCallPart | ToolResultPart>): WirePart[] {
    const origin = returningOrigin(part, this.#mapping.host)
    switch (part.type) {
      case 'text':
        return part.text === '' && origin?.signature === undefined
          ? []
          : [{ text: part.text, ...signed(origin?.signature) }]
      case 'reasoning':
        return origin === undefined ? [] : [{ text: part.text, thought: true, ...signed(origin.signature) }]
      case 'file':
        return [{ ...toWireFile(part), ...signed(origin?.signature) }]
      case 'source':
        return []
      case 'custom':
        if (isMetadata(part)) return []
        if (origin !== undefined && isRecord(part.value)) return [part.value]
        this.#mapping.warnings.push({
          setting: 'messages',
          message: `A "${part.kind}" part of an assistant message was left out: this provider did not send it.`,
        })
        return []
    }
  }

  #wireCall(part: ToolCallPart, isFirst: boolean): WirePart {
    const { names, host, isGemini3 } = this.#mapping
    const origin = returningOrigin(part, host)
    this.#calls.set(part.id, { place: this.#calls.size, id: origin?.id })
    // Of parallel calls only the first is signed, and only it is checked.
    const signature = origin?.signature ?? (isFirst && isGemini3 ? UNSIGNED : undefined)
    const id = origin?.id === undefined ? {} : { id: origin.id }
    return { functionCall: { ...id, name: names.toWire(part.name), args: argumentsOf(part) }, ...signed(signature) }
  }
}

/**
 * Translates a conversation. Warnings about what was left out go to `mapping.warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a part in a message of the wrong role, or if nothing is left to answer
 */
export function toWireContents(messages: readonly Message[], mapping: ContentsMapping): WireConversation {
  const conversation = new Conversation(mapping)
  for (const message of messages) conversation.add(message)
  conversation.endResults()
  const { system, contents } = conversation
  if (contents.length === 0) {
    const expected = 'Expected a message with content besides those of the system, got none.'
    throw new AiosError('AIOS_LLM_BAD_REQUEST', `${expected} Add a user message.`)
  }
  return { system, contents }
}
