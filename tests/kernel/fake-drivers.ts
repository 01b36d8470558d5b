/** Devices that keep every call until a test settles it by its label. Each shows what it has and what it was told. */
import { AsyncResource } from 'node:async_hooks'
import type {
  CoreReply,
  CorePrice,
  CoreRequest,
  DeviceLimits,
  DriverCall,
  LlmDriver,
  MemoryDriver,
  MemoryNote,
  StorageDriver,
  ToolDriver,
  ToolInfo,
} from '@aios/kernel/driver'

interface Pending {
  readonly call: DriverCall
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly inside: (body: () => void) => void
}

/** Is what all devices of this file have beside the contract of their kind. */
export interface Held {
  /** Labels in the order in which the calls came to the device. */
  readonly started: readonly string[]
  /** Labels of the calls that the device has now. */
  readonly running: readonly string[]
  /** Labels of the calls whose signal aborted while the device had them. */
  readonly aborted: readonly string[]
  /** How often the device was opened and closed. */
  readonly opened: number
  readonly closed: number
  /** Ends a call well. */
  succeed(label: string, value?: unknown): void
  /** Ends a call badly. */
  fail(label: string, error: unknown): void
  /** What a driver sees of a call, also after it ended. */
  call(label: string): DriverCall
  /** Runs something in the async context in which the driver was called. */
  inside(label: string, body: () => void): void
}

/** Is what a held device may be made with. */
export interface HeldOptions {
  readonly id?: string
  readonly limits?: DeviceLimits
  /** Whether the device lets go of a call as soon as its signal aborts. Default false. */
  readonly polite?: boolean
  /** Runs when a call comes, before it is kept; what it returns other than undefined answers the call at once. */
  readonly onCall?: (label: string, call: DriverCall) => unknown
}

class HeldCalls implements Held {
  readonly started: string[] = []
  readonly aborted: string[] = []
  opened = 0
  closed = 0
  readonly #options: HeldOptions
  readonly #pending = new Map<string, Pending>()
  readonly #calls = new Map<string, DriverCall>()

  constructor(options: HeldOptions) {
    this.#options = options
  }

  get running(): readonly string[] {
    return [...this.#pending.keys()]
  }

  hold(label: string, call: DriverCall): unknown {
    this.started.push(label)
    this.#calls.set(label, call)
    const answer = this.#options.onCall?.(label, call)
    if (answer !== undefined) return answer
    const inside = AsyncResource.bind((body: () => void) => {
      body()
    })
    return new Promise((resolve, reject) => {
      this.#pending.set(label, { call, resolve, reject, inside })
      const { signal } = call
      const onAbort = (): void => {
        if (!this.#pending.has(label)) return
        this.aborted.push(label)
        if (this.#options.polite === true) this.fail(label, signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  succeed(label: string, value?: unknown): void {
    this.#take(label).resolve(value)
  }

  fail(label: string, error: unknown): void {
    this.#take(label).reject(error)
  }

  call(label: string): DriverCall {
    return this.#calls.get(label) ?? missing(label, [...this.#calls.keys()])
  }

  inside(label: string, body: () => void): void {
    const pending = this.#pending.get(label) ?? missing(label, this.running)
    pending.inside(body)
  }

  base() {
    const { id = 'held', limits } = this.#options
    return {
      id,
      ...(limits && { limits }),
      open: () => void (this.opened += 1),
      close: () => void (this.closed += 1),
    }
  }

  #take(label: string): Pending {
    const pending = this.#pending.get(label) ?? missing(label, this.running)
    this.#pending.delete(label)
    return pending
  }
}

function missing(label: string, there: readonly string[]): never {
  throw new Error(`The device has no call "${label}"; it has ${there.join(', ') || 'none'}.`)
}

/** Makes a note out of its text. */
export function noteOf(content: string): MemoryNote {
  const empty = { keywords: [], tags: [], category: undefined, metadata: {} }
  return { id: content, namespace: 'default', content, ...empty, createdAt: 0, updatedAt: 0 }
}

/** Makes a memory whose calls are labelled by their content, id or query. */
export function heldMemory(options: HeldOptions = {}): MemoryDriver & { readonly held: Held } {
  const held = new HeldCalls(options)
  const hold = (label: string, call: DriverCall): never => held.hold(label, call) as never
  return {
    ...held.base(),
    held,
    kind: 'memory',
    add: ({ content }, call) => hold(content, call),
    get: ({ id }, call) => hold(id, call),
    update: ({ id }, call) => hold(id, call),
    remove: ({ id }, call) => hold(id, call),
    retrieve: ({ query }, call) => hold(query, call),
  }
}

/** Makes a storage whose calls are labelled by their path. */
export function heldStorage(options: HeldOptions = {}): StorageDriver & { readonly held: Held } {
  const held = new HeldCalls(options)
  const hold = ({ path = '.' }: { readonly path?: string | undefined }, call: DriverCall): never =>
    held.hold(path, call) as never
  return { ...held.base(), held, kind: 'storage', write: hold, read: hold, list: hold, stat: hold, remove: hold }
}

/** Is what a held core may be made with besides. */
export interface HeldCoreOptions extends HeldOptions {
  readonly model?: string
  readonly price?: CorePrice
  readonly estimate?: (request: CoreRequest) => number
  readonly maxOutputTokens?: number
}

/** Is the request of each call on a core, by label. */
export interface HeldCore extends LlmDriver {
  readonly held: Held
  readonly requests: ReadonlyMap<string, CoreRequest>
}

/** Makes a core whose calls are labelled by the text of their first message. */
export function heldCore(options: HeldCoreOptions = {}): HeldCore {
  const { model = 'held-1', price, estimate, maxOutputTokens } = options
  const held = new HeldCalls({ id: 'main', ...options })
  const requests = new Map<string, CoreRequest>()
  return {
    ...held.base(),
    held,
    requests,
    kind: 'llm',
    model,
    ...(price && { price }),
    ...(estimate && { estimate }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    chat(request, call) {
      const label = request.messages[0]!.content as string
      requests.set(label, request)
      return held.hold(label, call) as Promise<CoreReply>
    },
  }
}

/** Makes the answer of a core that used so many tokens. */
export function reply(input: number, output: number): CoreReply {
  return {
    parts: [{ type: 'text', text: 'ok' }],
    finish: { unified: 'stop' },
    usage: { input: { total: input }, output: { total: output } },
  }
}

/** Is the input of a held tool. */
export interface HeldToolInput {
  /** Names the call. */
  readonly as: string
  readonly keys?: readonly string[]
}

/** Makes a device with one tool, `local/hold`, whose calls are labelled by `as` of their input. */
export function heldTools(options: HeldOptions = {}): ToolDriver & { readonly held: Held } {
  const held = new HeldCalls(options)
  const info: ToolInfo = { name: 'local/hold', source: 'local', description: 'Waits.', inputSchema: { type: 'object' } }
  return {
    ...held.base(),
    held,
    kind: 'tool',
    list: () => [info],
    resolve: () => info,
    prepare: (_name, input) => {
      const { as, keys = [] } = input as HeldToolInput
      return { conflictKeys: keys, run: (call) => held.hold(as, call) }
    },
  }
}

/** Is how a promise stands: `pending`, its value, or the code or text of its error. */
export interface Watched {
  readonly state: 'pending' | 'fulfilled' | 'rejected'
  readonly value: unknown
  readonly error: unknown
  /** `pending`, `fulfilled`, or the code of the error, else the error itself as text. */
  readonly outcome: string
}

/** Follows a promise, so that a test can look at it without waiting for it. */
export function watch(promise: PromiseLike<unknown>): Watched {
  const seen = { state: 'pending' as Watched['state'], value: undefined as unknown, error: undefined as unknown }
  promise.then(
    (value) => {
      Object.assign(seen, { state: 'fulfilled', value })
    },
    (error: unknown) => {
      Object.assign(seen, { state: 'rejected', error })
    },
  )
  return {
    get state() {
      return seen.state
    },
    get value() {
      return seen.value
    },
    get error() {
      return seen.error
    },
    get outcome() {
      if (seen.state !== 'rejected') return seen.state
      return (seen.error as { code?: string }).code ?? String(seen.error)
    },
  }
}
