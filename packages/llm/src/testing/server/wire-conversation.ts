import type { FilePart, Message, MessagePart, TextPart, ToolCallPart } from '@aios/kernel'
import { parseToolInput } from '../../tool-call/tool-input.js'
import { badRequest, field, KINDS, needed, objectAt, type WireObject } from './wire-field.js'

const DATA_URL = /^data:([^;,]+)?(?:;[^,]*)?,(.*)$/s
const AUDIO: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' }

function fileOf(url: string, fallback: string): Pick<FilePart, 'mediaType' | 'data'> {
  const [, mediaType = fallback, data] = DATA_URL.exec(url) ?? []
  return { mediaType, data: data ?? url }
}

function contentPart(given: unknown, param: string): MessagePart {
  const part = objectAt(given, param)
  switch (part['type']) {
    case 'text':
      return {
        type: 'text',
        text: needed(field<string>(part, ['text', `${param}.text`], KINDS.string), `${param}.text`, 'a string'),
      }
    case 'refusal':
      return { type: 'text', text: field<string>(part, ['refusal', `${param}.refusal`], KINDS.string) ?? '' }
    case 'image_url': {
      const image = objectAt(part['image_url'], `${param}.image_url`)
      const url = needed(
        field<string>(image, ['url', `${param}.image_url.url`], KINDS.string),
        `${param}.image_url.url`,
        'a URL',
      )
      return { type: 'file', ...fileOf(url, 'image/*') }
    }
    case 'input_audio': {
      const audio = objectAt(part['input_audio'], `${param}.input_audio`)
      const mediaType = AUDIO[String(audio['format'])]
      if (mediaType === undefined) throw badRequest(`${param}.input_audio.format`, 'wav or mp3', audio['format'])
      return {
        type: 'file',
        mediaType,
        data: needed(
          field<string>(audio, ['data', `${param}.input_audio.data`], KINDS.string),
          `${param}.input_audio.data`,
          'base64 text',
        ),
      }
    }
    case 'file': {
      const file = objectAt(part['file'], `${param}.file`)
      const data = needed(
        field<string>(file, ['file_data', `${param}.file.file_data`], KINDS.string),
        `${param}.file.file_data`,
        'the bytes of the file',
      )
      const filename = field<string>(file, ['filename', `${param}.file.filename`], KINDS.string)
      return {
        type: 'file',
        ...fileOf(data, 'application/octet-stream'),
        ...(filename === undefined ? {} : { filename }),
      }
    }
    default:
      throw badRequest(`${param}.type`, 'text, image_url, input_audio or file', part['type'])
  }
}

function contentOf(message: WireObject, param: string): string | readonly MessagePart[] {
  const content = message['content'] ?? ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw badRequest(`${param}.content`, 'a string or an array of parts', content)
  return content.map((part, n) => contentPart(part, `${param}.content[${n}]`))
}

function textOf(message: WireObject, param: string): string {
  const content = contentOf(message, param)
  if (typeof content === 'string') return content
  const strange = content.find((part) => part.type !== 'text')
  if (strange !== undefined) throw badRequest(`${param}.content`, 'only text', strange)
  return (content as readonly TextPart[]).map(({ text }) => text).join('')
}

function toolCall(given: unknown, param: string): ToolCallPart {
  const call = objectAt(given, param)
  if (call['type'] !== undefined && call['type'] !== 'function')
    throw badRequest(`${param}.type`, '"function"', call['type'])
  const called = objectAt(call['function'], `${param}.function`)
  const text = (from: WireObject, name: string, at: string): string =>
    needed(field<string>(from, [name, `${at}.${name}`], KINDS.string), `${at}.${name}`, 'a string')
  return {
    type: 'tool-call',
    id: text(call, 'id', param),
    name: text(called, 'name', `${param}.function`),
    ...parseToolInput(text(called, 'arguments', `${param}.function`)),
  }
}

/** Translates conversations, remembering which call of the model an id belongs to. */
class Conversation {
  readonly #names = new Map<string, string>()

  message(given: unknown, param: string): Message {
    const message = objectAt(given, param)
    switch (message['role']) {
      case 'system':
      case 'developer':
        return { role: 'system', content: textOf(message, param) }
      case 'user':
        return { role: 'user', content: contentOf(message, param) }
      case 'assistant':
        return this.#assistant(message, param)
      case 'tool':
        return this.#result(message, param)
      default:
        throw badRequest(`${param}.role`, 'system, developer, user, assistant or tool', message['role'])
    }
  }

  #assistant(message: WireObject, param: string): Message {
    const said = contentOf(message, param)
    const calls = (field<readonly unknown[]>(message, ['tool_calls', `${param}.tool_calls`], KINDS.list) ?? []).map(
      (call, n) => toolCall(call, `${param}.tool_calls[${n}]`),
    )
    for (const { id, name } of calls) this.#names.set(id, name)
    const reasoning = field<string>(message, ['reasoning_content', `${param}.reasoning_content`], KINDS.string)
    if (calls.length === 0 && reasoning === undefined) return { role: 'assistant', content: said }
    const text: readonly MessagePart[] =
      typeof said === 'string' ? (said === '' ? [] : [{ type: 'text', text: said }]) : said
    const thought: readonly MessagePart[] = reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning }]
    return { role: 'assistant', content: [...thought, ...text, ...calls] }
  }

  #result(message: WireObject, param: string): Message {
    const at = `${param}.tool_call_id`
    const id = needed(field<string>(message, ['tool_call_id', at], KINDS.string), at, 'a string')
    const name = this.#names.get(id)
    if (name === undefined) throw badRequest(at, 'the id of an earlier tool call', id)
    return { role: 'tool', content: [{ type: 'tool-result', id, name, output: textOf(message, param) }] }
  }
}

/**
 * Translates the messages of a chat completion.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST`, with the name of the parameter in its `details`
 */
export function fromWireConversation(given: unknown): readonly Message[] {
  if (!Array.isArray(given) || given.length === 0)
    throw badRequest('messages', 'an array of one message or more', given)
  const conversation = new Conversation()
  return given.map((message, n) => conversation.message(message, `messages[${n}]`))
}
