import type { CoreReply, CoreRequest, StreamPart, Usage } from '../../driver/chat.js'
import { AiosError } from '../../error/aios-error.js'
import { CHARS_PER_TOKEN, SERVED_STEP } from '../../limits.js'
import { growService } from '../../scheduler/served.js'
import { chargeUsage } from '../charge.js'
import { driverError } from '../settle.js'
import type { Syscall } from '../syscall.js'
import { estimatedUsage } from './estimate.js'

/** Says what came out of a pull. */
type Pulled = IteratorResult<StreamPart, undefined>

const DONE: Pulled = { done: true, value: undefined }

/**
 * Is the kernel's end of a core's stream: pulls one part at a time, as its consumer pulls, and holds the core to the
 * protocol: one `start` first, one `finish` last, nothing after it. Before the call has its slot, pulls wait.
 */
export class DeviceStream implements AsyncIterable<StreamPart> {
  readonly #call: Syscall
  readonly #buffer: StreamPart[] = []
  #iterator: AsyncIterator<StreamPart> | undefined = undefined
  #attached!: () => void
  readonly #ready: Promise<void>
  #end!: { readonly resolve: () => void; readonly reject: (error: unknown) => void }
  #last: Promise<unknown> = Promise.resolve()
  #started = false
  #finished = false
  #failure: { readonly error: unknown } | undefined
  #chars = 0
  #draining = false
  /** Whether a pull waits for the core right now. */
  pulling = false
  /** When the consumer pulled last. */
  pulledAt: number

  constructor(call: Syscall) {
    this.#call = call
    this.pulledAt = call.createdAt
    this.#ready = new Promise((resolve) => {
      this.#attached = resolve
    })
  }

  /** Connects the core, once the call has its slot. Resolves when the core is done, rejects when it failed or was stopped. */
  attach(parts: AsyncIterable<StreamPart>): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject }
    })
    this.pulledAt = this.#call.caller.kernel.clock.now()
    this.#iterator = parts[Symbol.asyncIterator]()
    this.#attached()
    return done
  }

  /** What the core failed with, or was stopped with. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** Stops the core, whatever it is doing; pulls then reject with `error`. */
  abort(error: unknown): void {
    if (this.#finished || this.#failure !== undefined) return
    this.#fail(error)
    this.#attached()
  }

  /** Pulls ahead of the consumer into a bounded buffer, so that the core can finish while its process is suspended. */
  drain(wanted: () => boolean): void {
    if (this.#draining || this.#iterator === undefined) return
    this.#draining = true
    const step = (): void => {
      if (
        !wanted() ||
        this.#finished ||
        this.#failure !== undefined ||
        this.#buffer.length >= this.#call.caller.kernel.limits.streamBufferParts
      ) {
        this.#draining = false
        return
      }
      this.#inTurn(() => this.#fetch()).then(
        (pulled) => {
          if (pulled.done !== true) this.#buffer.push(pulled.value)
          step()
        },
        () => {
          this.#draining = false
        },
      )
    }
    step()
  }

  next(): Promise<Pulled> {
    return this.#inTurn(async () => {
      await this.#ready
      this.pulledAt = this.#call.caller.kernel.clock.now()
      const buffered = this.#buffer.shift()
      if (buffered !== undefined) return { done: false, value: buffered }
      return this.#fetch()
    })
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamPart, undefined> {
    return { next: () => this.next() }
  }

  /** Runs pulls one after another. */
  #inTurn(pull: () => Promise<Pulled>): Promise<Pulled> {
    const turn = this.#last.then(pull, pull)
    this.#last = turn
    turn.catch(() => undefined)
    return turn
  }

  async #fetch(): Promise<Pulled> {
    this.#throwFailure()
    const iterator = this.#iterator
    if (this.#finished || iterator === undefined) return DONE
    this.pulling = true
    try {
      const pulled = await iterator.next()
      this.#throwFailure()
      if (pulled.done === true) throw incomplete(this.#call)
      return { done: false, value: this.#accept(pulled.value) }
    } catch (error) {
      const failure = driverError(this.#call, error)
      this.#fail(failure)
      throw failure
    } finally {
      this.pulling = false
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #accept(part: StreamPart): StreamPart {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-input-delta')
      this.#count(part.text.length)
    if (!this.#started) {
      this.#started = true
      if (part.type !== 'start') {
        this.#buffer.unshift(part)
        this.#note(part)
        return { type: 'start' }
      }
    }
    this.#note(part)
    return part
  }

  #count(chars: number): void {
    const { replyChars } = this.#call.caller.kernel.limits
    this.#chars += chars
    this.#tell()
    if (this.#chars > replyChars) {
      throw new AiosError(
        'AIOS_QUOTA_EXCEEDED',
        `Core ${this.#call.device?.id ?? ''} answered more than ${replyChars} characters and was stopped. Raise limits.replyChars if that is wanted.`,
      )
    }
  }

  /** Lets the policy of the lane know what the call is being served. */
  #tell(): void {
    const served = this.#call.extras?.served
    const tokens = Math.ceil(this.#chars / CHARS_PER_TOKEN)
    if (served !== undefined && tokens - served.outputTokens >= SERVED_STEP)
      growService(this.#call, tokens, this.#call.caller.kernel.clock.now())
  }

  /** Ends the device's part of the call when the core has said everything. */
  #note(part: StreamPart): void {
    if (part.type !== 'finish') return
    this.#finished = true
    chargeUsage(this.#call, completeUsage(part.usage, this.#call.request as CoreRequest, this.#chars))
    this.#close().then(this.#end.resolve, this.#end.reject)
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#finished) return
    this.#failure = { error }
    if (this.#iterator === undefined) return
    if (this.#started) chargeUsage(this.#call, estimatedUsage(this.#call.request as CoreRequest, this.#chars))
    this.#close().then(
      () => {
        this.#end.reject(error)
      },
      () => {
        this.#end.reject(error)
      },
    )
  }

  /** Tells the core's iterator that nobody wants more. */
  async #close(): Promise<void> {
    await this.#iterator?.return?.()
  }
}

/** Fills the totals that a core did not report with estimates, and says so. */
export function completeUsage(usage: Usage, request: CoreRequest, chars: number): Usage {
  if (usage.input.total !== undefined && usage.output.total !== undefined) return usage
  const guess = estimatedUsage(request, chars)
  return {
    ...usage,
    input: { ...usage.input, total: usage.input.total ?? guess.input.total },
    output: { ...usage.output, total: usage.output.total ?? guess.output.total },
    estimated: true,
  }
}

function incomplete(call: Syscall): AiosError {
  return new AiosError(
    'AIOS_LLM_INCOMPLETE_STREAM',
    `Core ${call.device?.id ?? ''} ended its answer without a finish part.`,
  )
}

/** Streams a reply that a core gave in one piece. */
export async function* partsOf(reply: CoreReply | Promise<CoreReply>): AsyncGenerator<StreamPart> {
  const { parts, finish, usage, model, warnings } = await reply
  yield { type: 'start', warnings: warnings ?? [] }
  if (model !== undefined) yield { type: 'response-metadata', model }
  for (const [index, part] of parts.entries()) {
    const id = String(index)
    if (part.type === 'text') {
      yield { type: 'text-start', id }
      yield { type: 'text-delta', id, text: part.text }
      yield { type: 'text-end', id, opaque: part.opaque }
    } else if (part.type === 'reasoning') {
      yield { type: 'reasoning-start', id }
      yield { type: 'reasoning-delta', id, text: part.text }
      yield { type: 'reasoning-end', id, opaque: part.opaque }
    } else if (part.type === 'tool-call') {
      yield part
    } else if (part.type !== 'tool-result') {
      yield { type: 'part', part }
    }
  }
  yield { type: 'finish', finish, usage }
}
