import {
  AiosError,
  type CoreReply,
  type CoreRequest,
  type DriverCall,
  type LlmDriver,
  type MessagePart,
  type StreamPart,
} from '@aios/kernel'

type Finish = Extract<StreamPart, { readonly type: 'finish' }>

function* piecesOf(part: MessagePart, id: string): Generator<StreamPart, void, undefined> {
  if (part.type === 'text' || part.type === 'reasoning') {
    yield { type: `${part.type}-start`, id }
    if (part.text !== '') yield { type: `${part.type}-delta`, id, text: part.text }
    yield { type: `${part.type}-end`, id }
  } else if (part.type === 'tool-call') yield part
}

async function* inPieces(reply: Promise<CoreReply>): AsyncGenerator<StreamPart, void, undefined> {
  const { parts, finish, usage, model } = await reply
  yield { type: 'start' }
  if (model !== undefined) yield { type: 'response-metadata', model }
  for (const [n, part] of parts.entries()) yield* piecesOf(part, String(n))
  yield { type: 'finish', finish, usage }
}

/** Collects a stream into what it comes to. */
class Collected {
  readonly #parts: MessagePart[] = []
  readonly #open = new Map<string, number>()
  #finish: Finish | undefined
  #model: string | undefined

  add(part: StreamPart): void {
    switch (part.type) {
      case 'text-delta':
      case 'reasoning-delta':
        this.#append(part.type === 'text-delta' ? 'text' : 'reasoning', part)
        return
      case 'tool-call':
        this.#parts.push(part)
        return
      case 'part':
        this.#parts.push(part.part)
        return
      case 'response-metadata':
        this.#model = part.model ?? this.#model
        return
      case 'finish':
        this.#finish = part
        return
      default:
    }
  }

  reply(): CoreReply {
    if (this.#finish === undefined)
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', 'Expected a finish before the end of the stream, got none.')
    const { finish, usage } = this.#finish
    return { parts: this.#parts, finish, usage, ...(this.#model === undefined ? {} : { model: this.#model }) }
  }

  #append(type: 'text' | 'reasoning', { id, text }: { readonly id: string; readonly text: string }): void {
    const key = `${type} ${id}`
    const at = this.#open.get(key)
    if (at === undefined) this.#open.set(key, this.#parts.push({ type, text }) - 1)
    else this.#parts[at] = { type, text: (this.#parts[at] as { readonly text: string }).text + text }
  }
}

/** Asks a core for a whole answer, whichever way it has. */
export async function wholeAnswer(core: LlmDriver, request: CoreRequest, call: DriverCall): Promise<CoreReply> {
  if (core.chat !== undefined) return core.chat(request, call)
  const collected = new Collected()
  for await (const part of streamedAnswer(core, request, call)) collected.add(part)
  return collected.reply()
}

/** Asks a core for an answer in parts, whichever way it has. */
export function streamedAnswer(core: LlmDriver, request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
  if (core.stream !== undefined) return core.stream(request, call)
  if (core.chat !== undefined) return inPieces(Promise.resolve(core.chat(request, call)))
  throw new AiosError('AIOS_UNSUPPORTED', `Core "${core.id}" only embeds.`)
}
