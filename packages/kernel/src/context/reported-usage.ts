import type { CoreRequest, ToolSpec, Usage } from '../driver/chat.js'
import type { Message } from '../driver/message.js'
import { inputBound } from '../syscall/chat/estimate.js'

/** Bytes of a token at most: what is reported below that is no count of what was sent. */
const MOST_BYTES_PER_TOKEN = 32

/** Is what a provider counted: the whole input of a request. */
interface Reported {
  readonly core: string
  readonly request: CoreRequest
  readonly tokens: number
}

/**
 * Remembers how many tokens providers reported for the conversations they got. A later request that begins with the very same
 * message objects is that count and the bound of what came since. Kept as long as the last message of the conversation.
 */
export class ReportedUsage {
  readonly #reported = new WeakMap<Message, Reported>()

  /** Takes what a core reported for a request; what cannot be true is left out. */
  learn(core: string, request: CoreRequest, usage: Usage): void {
    const last = request.messages.at(-1)
    const tokens = usage.input.total
    if (last === undefined || tokens === undefined || usage.estimated === true || !Number.isSafeInteger(tokens)) return
    if (tokens * MOST_BYTES_PER_TOKEN < inputBound(request)) return
    this.#reported.set(last, { core, request, tokens })
  }

  /** Counts a request by the longest beginning of it that the core has reported; undefined if there is none. */
  count(core: string, request: CoreRequest): number | undefined {
    const { messages } = request
    for (let length = messages.length; length > 0; length -= 1) {
      const known = this.#reported.get(messages[length - 1] as Message)
      if (known?.core === core && begins(known.request, request, length))
        return known.tokens + (length === messages.length ? 0 : inputBound({ messages: messages.slice(length) }))
    }
    return undefined
  }
}

function begins(known: CoreRequest, request: CoreRequest, length: number): boolean {
  return (
    known.messages.length === length &&
    known.messages.every((message, index) => message === request.messages[index]) &&
    known.responseFormat === request.responseFormat &&
    sameTools(known.tools, request.tools)
  )
}

function sameTools(some: readonly ToolSpec[] = [], others: readonly ToolSpec[] = []): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, description, inputSchema }, index) => {
      const other = others[index]
      return other?.name === name && other.description === description && other.inputSchema === inputSchema
    })
  )
}
