/** A hand-made system-call interface for testing patterns without a kernel: scripted, strict, and it remembers every call. */
import { AiosError } from '@aios/kernel'
import type {
  ChatReply,
  ChatRequest,
  FinishReason,
  MemoryAddRequest,
  MemoryHit,
  MemoryRetrieveRequest,
  MessagePart,
  Sys,
  ToolCallAllRequest,
  ToolCallPart,
  ToolInfo,
  ToolOutcome,
} from '@aios/kernel'

export interface FakeCall {
  readonly name: string
  readonly request: unknown
}

export interface FakeSys extends Sys {
  readonly calls: readonly FakeCall[]
  readonly chats: readonly ChatRequest[]
}

export interface FakeScript {
  /** Answers of the model in order; an error rejects. Running out throws. */
  readonly replies: readonly (ChatReply | Error)[]
  /** Full names; absent: the kernel has no tool device. */
  readonly tools?: readonly string[]
  /** Answers a call; throwing rejects that call only. */
  readonly run?: (name: string, input: unknown) => unknown
}

export function toolCall(id: string, name: string, input: unknown = {}): ToolCallPart {
  return { type: 'tool-call', id, name, input, inputText: JSON.stringify(input) }
}

/** Makes the answer of a model from text and tool calls. */
export function reply(
  text: string,
  toolCalls: readonly ToolCallPart[] = [],
  unified: FinishReason = toolCalls.length > 0 ? 'tool-calls' : 'stop',
): ChatReply {
  const said: readonly MessagePart[] = text === '' ? [] : [{ type: 'text', text }]
  return {
    text,
    message: { role: 'assistant', content: [...said, ...toolCalls] },
    toolCalls,
    finish: { unified },
    usage: { input: {}, output: {} },
    model: 'fake-1',
    warnings: [],
    meta: { syscallId: 1, waitMs: 0, executionMs: 0, attempts: [] },
  }
}

const info = (name: string): ToolInfo => ({
  name,
  source: name.slice(0, name.indexOf('/')),
  description: name,
  inputSchema: { type: 'object' },
})

export function fakeSys({ replies, tools, run = () => 'done' }: FakeScript): FakeSys {
  const calls: FakeCall[] = []
  const chats: ChatRequest[] = []
  const notes: MemoryHit[] = []
  const log = (name: string, request: unknown) => void calls.push({ name, request })
  const outcome = (id: string, name: string, input: unknown): ToolOutcome => {
    try {
      return { id, name, status: 'fulfilled', output: run(name, input) }
    } catch (thrown) {
      const { code = 'AIOS_TOOL_FAILED', message } = thrown as { code?: string; message: string }
      return { id, name, status: 'rejected', error: { code, message, retryable: false } }
    }
  }
  const sys = {
    calls,
    chats,
    pid: 1,
    signal: new AbortController().signal,
    llm: {
      chat: async (request: ChatRequest) => {
        log('llm.chat', request)
        const next = replies[chats.length]
        chats.push(request)
        if (next === undefined) throw new Error(`The script has no answer number ${chats.length}.`)
        if (next instanceof Error) throw next
        return next
      },
    },
    tool: {
      list: async () => {
        log('tool.list', undefined)
        if (tools === undefined) throw new AiosError('AIOS_NO_DEVICE', 'No tools here.')
        return tools.map(info)
      },
      callAll: async (request: ToolCallAllRequest) => {
        log('tool.callAll', request)
        return request.calls.map(({ id, name, input }) => outcome(id, name, input))
      },
    },
    memory: {
      add: async (request: MemoryAddRequest) => {
        log('memory.add', request)
        const { content, tags = [] } = request
        const id = String(notes.length + 1)
        const at = { createdAt: 0, updatedAt: 0, metadata: {} }
        const note = { id, content, tags, namespace: 'n', keywords: [], category: undefined, score: 1, ...at }
        notes.push(note)
        return note
      },
      retrieve: async (request: MemoryRetrieveRequest) => {
        log('memory.retrieve', request)
        const isTagged = ({ tags }: MemoryHit) => (request.tags ?? []).every((tag) => tags.includes(tag))
        return notes.filter(isTagged).slice(0, request.limit ?? 5)
      },
    },
  }
  return sys as unknown as FakeSys
}
