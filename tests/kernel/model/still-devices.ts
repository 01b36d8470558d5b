/** Devices that do nothing until a test says so: each call stays on its device until it is settled by its label. */
import { AsyncResource } from 'node:async_hooks'
import type { Sys } from '@aios/kernel'
import type {
  CoreReply,
  DeviceLimits,
  DriverCall,
  LlmDriver,
  MemoryDriver,
  StorageDriver,
  ToolDriver,
  ToolInfo,
} from '@aios/kernel/driver'

/** Is what a device knows of a call; it travels as text in the request. */
export interface Ticket {
  readonly label: number
  /** Whether the driver stops at once when it is told to. */
  readonly isPolite?: boolean
  /** What the core estimates as input tokens. */
  readonly input?: number
  readonly keys?: readonly string[]
  /** Answers at once, throws at once, or settles twice when it is settled. */
  readonly mischief?: 'value' | 'throw' | 'twice'
}

/** Is a call on a device. */
export interface Held {
  readonly ticket: Ticket
  readonly maxOutput: number | undefined
  /** Ends it well, with these tokens used. */
  succeed(tokens: number): void
  fail(): void
  /** Runs something in the async context that the driver was started in. */
  inside(body: () => void): void
}

/** Is what a driver throws that knows nothing of AiosError. */
export const FAULT = new Error('the device broke')

/** Is the set of devices of one kernel, and what happens on them. */
export interface StillDevices {
  readonly llm: LlmDriver
  readonly memory: MemoryDriver
  readonly storage: StorageDriver
  readonly tools: ToolDriver
  /** Labels in the order their calls were started. */
  readonly starts: number[]
  /** Calls whose driver has not settled. */
  readonly held: Map<number, Held>
  /** The `sys` that each started call was given; it outlives the call. */
  readonly systems: Map<number, Sys>
  readonly closed: string[]
}

/** Is how a device answers a call. */
interface Answer<T> {
  readonly value: (tokens: number) => T
  readonly max?: number
}

/** Makes a thenable that calls back twice, and with both kinds of outcome. */
function settlingTwice<T>(result: Promise<T>): Promise<T> {
  const then = (onFulfilled: (value: T) => void, onRejected: (error: unknown) => void): void => {
    const twice = (callback: () => void): void => {
      callback()
      onRejected(FAULT)
      callback()
    }
    result.then(
      (value) => {
        twice(() => {
          onFulfilled(value)
        })
      },
      (error: unknown) => {
        twice(() => {
          onRejected(error)
        })
      },
    )
  }
  return { then } as unknown as Promise<T>
}

type Lane = 'llm/main' | 'memory' | 'storage' | 'tool'

const read = (text: string): Ticket => JSON.parse(text) as Ticket
const note = (id: string) => ({
  ...{ id, namespace: '', content: id, keywords: [], tags: [], category: undefined, metadata: {} },
  ...{ createdAt: 0, updatedAt: 0 },
})
const entry = (path: string) => ({ path, name: path, kind: 'file', sizeBytes: 0, modifiedAt: 0 }) as const
const reply = (tokens: number): CoreReply => ({
  parts: [{ type: 'text', text: 'ok' }],
  finish: { unified: 'stop' },
  usage: { input: { total: tokens }, output: { total: 0 } },
})

/** Makes devices whose lanes have the given bounds. */
export function stillDevices(limits: Readonly<Record<Lane, DeviceLimits>>): StillDevices {
  const starts: number[] = []
  const held = new Map<number, Held>()
  const systems = new Map<number, Sys>()
  const closed: string[] = []

  function serve<T>(ticket: Ticket, call: DriverCall, answer: Answer<T>): T | Promise<T> {
    starts.push(ticket.label)
    if (ticket.mischief === 'throw') throw FAULT
    if (ticket.mischief === 'value') return answer.value(1)
    const result = hold(ticket, call, answer)
    return ticket.mischief === 'twice' ? settlingTwice(result) : result
  }

  function hold<T>(ticket: Ticket, call: DriverCall, answer: Answer<T>): Promise<T> {
    systems.set(ticket.label, call.sys)
    const { signal } = call
    const inside = AsyncResource.bind((body: () => void) => {
      body()
    })
    return new Promise((resolve, reject) => {
      const leave = (): void => void held.delete(ticket.label)
      held.set(ticket.label, {
        ticket,
        inside,
        maxOutput: answer.max,
        succeed: (tokens) => {
          leave()
          resolve(answer.value(tokens))
        },
        fail: () => {
          leave()
          reject(FAULT)
        },
      })
      const obey = (): void => {
        leave()
        reject(signal.reason)
      }
      if (ticket.isPolite) signal.addEventListener('abort', obey, { once: true })
    })
  }
  const base = (lane: Lane) => ({ id: 'main', limits: limits[lane], close: () => void closed.push(lane) })
  const no = (): never => {
    throw new Error('No history calls this.')
  }
  const tool: ToolInfo = { name: 'local/t', source: 'local', description: 'Waits.', inputSchema: { type: 'object' } }
  return {
    starts,
    held,
    systems,
    closed,
    llm: {
      ...base('llm/main'),
      kind: 'llm',
      model: 'still',
      estimate: ({ messages }) => read(messages[0]!.content as string).input ?? 0,
      chat: ({ messages, maxOutputTokens }, call) =>
        serve(read(messages[0]!.content as string), call, {
          value: reply,
          ...(maxOutputTokens !== undefined && { max: maxOutputTokens }),
        }),
    },
    memory: {
      ...base('memory'),
      kind: 'memory',
      get: no,
      update: no,
      remove: no,
      retrieve: no,
      add: ({ content }, call) => serve(read(content), call, { value: () => note('n') }),
    },
    storage: {
      ...base('storage'),
      kind: 'storage',
      read: no,
      list: no,
      stat: no,
      remove: no,
      write: ({ path, content }, call) => serve(read(content as string), call, { value: () => entry(path) }),
    },
    tools: {
      ...base('tool'),
      kind: 'tool',
      list: () => [tool],
      resolve: () => tool,
      prepare: (_name, input) => ({
        conflictKeys: (input as Ticket).keys ?? [],
        run: (call) => serve(input as Ticket, call, { value: () => 'done' }),
      }),
    },
  }
}
