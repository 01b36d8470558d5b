import type { CoreRequest, CoreWarning, Message, MessagePart, ToolResultPart } from '@aios/kernel'
import { messageParts } from '@aios/kernel/driver'
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp'
import { resultValue } from '../core/result-text.js'
import { plainText, strayResult, unseenPart } from '../local/plain-text.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'

type Said = ChatModelResponse['response'][number]
type OpenCall = ChatModelFunctionCall & { result: unknown }

/** Translates a conversation into the words of the engine, where what a tool answered stands beside its call. */
class History {
  readonly items: ChatHistoryItem[] = []
  readonly #names: ToolNameMap
  readonly #warnings: CoreWarning[]
  /** Calls that wait for their results. */
  readonly #calls = new Map<string, OpenCall>()

  constructor(names: ToolNameMap, warnings: CoreWarning[]) {
    this.#names = names
    this.#warnings = warnings
  }

  add(message: Message): void {
    switch (message.role) {
      case 'system':
        this.items.push({ type: 'system', text: plainText(message) })
        return
      case 'user':
        this.items.push({ type: 'user', text: plainText(message) })
        return
      case 'assistant':
        this.#response().push(...messageParts(message).flatMap((part) => this.#said(part)))
        return
      case 'tool':
        for (const part of messageParts(message)) if (part.type === 'tool-result') this.#answer(part)
    }
  }

  /** What the model is to go on with: its own last words where it spoke last, else nothing yet. */
  end(): readonly ChatHistoryItem[] {
    this.#response()
    return this.items
  }

  #response(): Said[] {
    const last = this.items.at(-1)
    if (last?.type === 'model') return last.response
    const response: Said[] = []
    this.items.push({ type: 'model', response })
    return response
  }

  #said(part: MessagePart): Said[] {
    switch (part.type) {
      case 'text':
        return [part.text]
      case 'reasoning':
        return [{ type: 'segment', segmentType: 'thought', text: part.text, ended: true }]
      case 'tool-call': {
        const params: unknown = part.invalid === undefined ? part.input : part.inputText
        const call: OpenCall = { type: 'functionCall', name: this.#names.toWire(part.name), params, result: undefined }
        this.#calls.set(part.id, call)
        return [call]
      }
      case 'file':
        throw unseenPart(part.mediaType)
      // What another provider says beside its text means nothing to this model.
      default:
        return []
    }
  }

  #answer(part: ToolResultPart): void {
    const call = this.#calls.get(part.id)
    if (call === undefined) throw strayResult(part.name, part.id)
    const output = resultValue(part, this.#warnings)
    call.result = part.isError === true ? { error: output } : output
  }
}

/**
 * Translates the conversation of a request. Its last item is what the model says next. Warnings about what was left out go to
 * `warnings`.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for a file, `AIOS_LLM_BAD_REQUEST` for a tool's result without its call
 */
export function chatHistory(
  { messages }: CoreRequest,
  names: ToolNameMap,
  warnings: CoreWarning[],
): readonly ChatHistoryItem[] {
  const history = new History(names, warnings)
  for (const message of messages) history.add(message)
  return history.end()
}
