import type { CoreRequest, CoreWarning, StreamPart, Usage } from '../../driver/chat.js'
import type { Resume } from '../../driver/llm-driver.js'
import { AiosError } from '../../error/aios-error.js'
import type { Told } from '../../journal/journal-scope.js'
import { refrain } from '../../journal/refrain.js'
import { SERVED_STEP } from '../../limits.js'
import { continuationOf } from '../../preemption/continuation.js'
import { Generation } from '../../preemption/generation.js'
import { LeavingCore, resumeOf, type CuttableStream } from '../../preemption/leaving-core.js'
import { ProcessContext, type Snapshot } from '../../preemption/process-context.js'
import { slicedUsage } from '../../preemption/sliced-usage.js'
import { Splice } from '../../preemption/splice.js'
import { takeUp } from '../../preemption/yield-slot.js'
import { growService } from '../../scheduler/served.js'
import { chargeUsage } from '../charge.js'
import { driverError } from '../settle.js'
import type { Syscall } from '../syscall.js'
import { completeUsage } from './complete-usage.js'
import { estimatedUsage } from './estimate.js'
import { closeSource, type Source } from './source.js'

/** Says what came out of a pull. */
type Pulled = IteratorResult<StreamPart, undefined>

const DONE: Pulled = { done: true, value: undefined }

/**
 * Is the kernel's end of a core's stream: pulls one part at a time, as its consumer pulls, and holds the core to the
 * protocol: one `start` first, one `finish` last, nothing after it. While the call is not on its core, pulls wait.
 */
export class DeviceStream implements AsyncIterable<StreamPart>, CuttableStream {
  readonly #call: Syscall
  readonly #buffer: StreamPart[] = []
  /** A part that was taken, and may be held back from the consumer of a suspended process. */
  #onItsWay: StreamPart | undefined = undefined
  #generation: Generation | undefined
  /** What the core yields now; undefined while the call is not on its core. */
  #source: Source | undefined = undefined
  /** Tells whoever waits for a part that something changed. */
  #notify: (() => void) | undefined = undefined
  #end: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined = undefined
  #last: Promise<unknown> = Promise.resolve()
  #started = false
  #finished = false
  /** What the core that goes on with the call left out, where an earlier one had begun and failed. */
  warnings: readonly CoreWarning[] | undefined = undefined
  /** Whether the router was told how this core's attempt ended. */
  isJudged = false
  #failure: { readonly error: unknown } | undefined
  readonly #leave: LeavingCore
  /** Whether a pull of the consumer waits right now. */
  pulling = false
  /** When the consumer last pulled, or got what it waited for. */
  pulledAt: number

  constructor(call: Syscall) {
    this.#call = call
    this.pulledAt = call.createdAt
    this.#leave = new LeavingCore(call, this)
  }

  /** Connects the core, once the call has its slot. Resolves when the core is done, rejects when it failed or was stopped. */
  attach(parts: AsyncIterable<StreamPart>): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject }
    })
    this.isJudged = false
    // Anew for each attempt: another core goes on in another way.
    this.#generation = new Generation(resumeOf(this.#call), this.#call.request as CoreRequest)
    this.#connect(parts, undefined)
    return done
  }

  /**
   * Connects the core again in another life of the run: it goes on from what the earlier one had of the answer, as far as it can.
   *
   * @param anew - begins the answer from its beginning, for a core that cannot go on
   */
  attachAgain(told: Told, anew: () => AsyncIterable<StreamPart>): Promise<void> {
    const call = this.#call
    const done = new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject }
    })
    this.#generation = new Generation(resumeOf(call), call.request as CoreRequest)
    for (const part of [...told.parts, ...told.ahead]) this.#generation.add(part)
    this.#started = true
    this.#buffer.push(...told.ahead)
    const snapshot = told.snapshot ?? prefixOf(this.#generation, resumeOf(call))
    if (snapshot === undefined || snapshot.kind !== resumeOf(call)) {
      this.#connect(refrain(anew(), [...told.parts, ...told.ahead]), undefined)
    } else {
      const context = (call.rare().context ??= new ProcessContext(call.startedAt ?? call.createdAt))
      context.snapshot = snapshot
      this.resume(takeUp(call, context))
    }
    return done
  }

  /** Connects the core again after a cut; it goes on as the promise of `attach` says. */
  resume(snapshot: Snapshot): void {
    try {
      this.#connect(continuationOf(this.#call, snapshot), new Splice(this.generation.seam))
    } catch (error) {
      this.#fail(driverError(this.#call, error), false)
    }
  }

  /** What the core has generated so far; only asked once it was connected. */
  get generation(): Generation {
    return this.#generation as Generation
  }

  /** Whether anything was delivered that could not be delivered twice. */
  get begun(): boolean {
    return this.#generation?.begun === true
  }

  /** Output tokens of the slice that runs; undefined while there is none, or it cannot be cut. */
  get sliceTokens(): number | undefined {
    return this.#source === undefined || !this.#leave.possible
      ? undefined
      : this.generation.tokens - this.#source.tokensAt
  }

  /** Whether there are parts that the consumer has not taken. */
  get holdsParts(): boolean {
    return this.#buffer.length > 0
  }

  get undelivered(): readonly StreamPart[] {
    return this.#onItsWay === undefined ? [...this.#buffer] : [this.#onItsWay, ...this.#buffer]
  }

  /** Is told that the consumer has the part that it was given. */
  delivered(): void {
    this.#onItsWay = undefined
  }

  /** Whether the core is connected and has more to say. */
  get open(): boolean {
    return this.#source !== undefined
  }

  /** Whether a part of the core is being waited for. */
  get fetching(): boolean {
    return this.#source?.fetching !== undefined
  }

  /** What the core failed with, or was stopped with. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** Asks for the slot back; the stream is cut as soon as nothing is lost by it. Returns false if it cannot be. */
  askToLeave(why: 'slice' | 'suspend'): boolean {
    return this.#leave.ask(why)
  }

  /** Stops the core, whatever it is doing; pulls then reject with `error`. */
  abort(error: unknown): void {
    if (this.#finished || this.#failure !== undefined) return
    this.#fail(error, false)
  }

  /** Pulls ahead of the consumer, into a bounded buffer, as long as that is wanted and the core has more to say. */
  async pullWhile(wanted: () => boolean): Promise<void> {
    const source = this.#source
    if (source === undefined || source.drained) return
    source.drained = true
    const { streamBufferParts } = this.#call.caller.kernel.limits
    while (this.#source === source && this.#buffer.length < streamBufferParts && wanted()) await this.#fetch(source)
    source.drained = false
  }

  next(): Promise<Pulled> {
    const pull = (): Promise<Pulled> => this.#take()
    const turn = this.#last.then(pull, pull)
    this.#last = turn
    turn.catch(() => undefined)
    return turn
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamPart, undefined> {
    return { next: () => this.next() }
  }

  /** Takes the core off; nothing more is pulled from it. Returns it, to be closed. */
  detach(): Source | undefined {
    const source = this.#source
    this.#source = undefined
    this.#call.lane?.unread?.delete(this)
    return source
  }

  /** Puts a core back that was taken off. */
  reattach(source: Source): void {
    this.#source = source
    this.#call.lane?.unread?.add(this)
    this.#notify?.()
  }

  /** Is told that a core which was taken off is closed; returns whether the call goes on. */
  left(): boolean {
    if (this.#failure === undefined) return true
    this.#end?.reject(this.#failure.error)
    return false
  }

  /** Returns the next part to whoever has the turn. */
  async #take(): Promise<Pulled> {
    const { clock } = this.#call.caller.kernel
    this.pulling = true
    this.pulledAt = clock.now()
    try {
      for (;;) {
        const part = this.#buffer.shift()
        if (part !== undefined) {
          this.#onItsWay = part
          return { done: false, value: part }
        }
        if (this.#failure !== undefined) throw this.#failure.error
        if (this.#finished) return DONE
        const changed = new Promise<void>((resolve) => {
          this.#notify = resolve
        })
        // Not awaited: the core may be taken off while it is silent, and another slice bring the part.
        if (this.#source !== undefined) void this.#fetch(this.#source)
        await changed
      }
    } finally {
      this.pulling = false
      this.pulledAt = clock.now()
    }
  }

  /** Pulls one part into the buffer; whoever wants one meanwhile waits for the same. */
  #fetch(source: Source): Promise<void> {
    return (source.fetching ??= this.#pull(source))
  }

  async #pull(source: Source): Promise<void> {
    try {
      const pulled = await source.iterator.next()
      // It was taken off meanwhile: what came is not wanted any more.
      if (this.#source !== source) return
      if (pulled.done === true) throw incomplete(this.#call)
      for (const part of source.splice?.map(pulled.value) ?? [pulled.value]) this.#accept(part)
    } catch (error) {
      if (this.#source === source) this.#fail(driverError(this.#call, error), true)
    } finally {
      source.fetching = undefined
    }
    if (this.#source !== source) return
    this.#notify?.()
    this.#call.lane?.slices?.progressed(this.#call)
    this.#leave.moved()
  }

  #connect(parts: AsyncIterable<StreamPart>, splice: Splice | undefined): void {
    this.pulledAt = this.#call.caller.kernel.clock.now()
    this.#source = {
      iterator: parts[Symbol.asyncIterator](),
      splice,
      tokensAt: this.generation.tokens,
      answered: false,
      fetching: undefined,
      drained: false,
    }
    this.#notify?.()
    this.#call.lane?.unread?.add(this)
    // What it was cut for may have come to nothing: whoever suspended it may still want it off.
    if (this.#call.owner.frozen > 0 && !this.#call.underSlot) this.#leave.ask('suspend')
  }

  #accept(part: StreamPart): void {
    if (this.#source === undefined) return
    if (!this.#started) {
      this.#started = true
      if (part.type !== 'start') this.#buffer.push({ type: 'start' })
    } else if (part.type === 'start') {
      if (!this.generation.begun) this.warnings = part.warnings ?? []
      return
    }
    if (part.type === 'finish') this.#finish(part)
    else this.#deliver(this.#leave.cut(part))
  }

  #deliver(part: StreamPart | undefined): void {
    if (part === undefined) return
    this.generation.add(part)
    this.#buffer.push(part)
    if (this.#source?.answered === false && this.#generation?.begun === true) {
      this.#source.answered = true
      this.#call.lane?.gate?.answers(this.#call)
      this.#call.row.answers?.(this.#call)
    }
    this.#tell()
    const { replyChars } = this.#call.caller.kernel.limits
    if (this.generation.chars > replyChars) {
      throw new AiosError(
        'AIOS_QUOTA_EXCEEDED',
        `Core ${this.#call.device?.id ?? ''} answered more than ${replyChars} characters and was stopped. Raise limits.replyChars if that is wanted.`,
      )
    }
  }

  /** Lets the policy of the lane know what the call is being served. */
  #tell(): void {
    const served = this.#call.served
    if (served === undefined) return
    const { tokens } = this.generation
    if (tokens - served.outputTokens >= SERVED_STEP)
      growService(this.#call, tokens, this.#call.caller.kernel.clock.now())
  }

  /** Ends the device's part of the call when the core has said everything. */
  #finish(part: StreamPart & { type: 'finish' }): void {
    this.#finished = true
    const { request, extras } = this.#call
    const reported = completeUsage(part.usage, request as CoreRequest, this.generation.chars)
    const context = extras?.context
    const usage = context === undefined ? reported : slicedUsage(reported, context, resumeOf(this.#call))
    chargeUsage(this.#call, usage)
    // Before the consumer has the answer, for it may tell the router what it thinks of it.
    this.#call.row.attempted?.(this.#call, true, undefined)
    this.isJudged = true
    this.#buffer.push(context === undefined && hasUsage(part) ? part : { ...part, usage })
    this.#leave.forget()
    const source = this.detach()
    this.#notify?.()
    closeSource(this.#call, source).then(
      () => this.#end?.resolve(),
      (error: unknown) => this.#end?.reject(error),
    )
  }

  /**
   * Ends the core's part of the call for an error. A stream of which nothing was delivered may be tried again: it fails
   * only when that is refused.
   */
  #fail(error: unknown, mayRepeat: boolean): void {
    if (this.#failure !== undefined || this.#finished) return
    const source = this.detach()
    this.#leave.forget()
    const repeats = mayRepeat && this.#call.extras?.stream !== undefined && !this.generation.begun
    if (!repeats) {
      this.#failure = { error }
      this.#notify?.()
    }
    if (this.#generation !== undefined && this.#started) this.#chargePart(this.#generation)
    // Whoever takes the core off just now closes it, and tells that it is over.
    if (this.#leave.under) return
    const end = (): void => this.#end?.reject(error)
    closeSource(this.#call, source).then(end, end)
  }

  /** Charges what was generated of an answer that did not end. */
  #chargePart({ chars }: Generation): void {
    const usage = estimatedUsage(this.#call.request as CoreRequest, chars)
    const overhead = this.#call.extras?.context?.overheadTokens
    chargeUsage(this.#call, overhead === undefined ? usage : { ...usage, overhead })
  }
}

/** What a core that continues from text goes on from, if all it said was text. */
function prefixOf(generation: Generation, resume: Resume): Snapshot | undefined {
  if (resume !== 'prefix' || !generation.cuttable) return undefined
  return { kind: 'prefix', texts: generation.texts, outputTokens: generation.tokens }
}

/** Whether a core in JavaScript has said anything of what it used. */
function hasUsage({ usage }: { readonly usage: Partial<Usage> | undefined }): boolean {
  return usage?.input !== undefined && usage.output !== undefined
}

function incomplete(call: Syscall): AiosError {
  return new AiosError(
    'AIOS_LLM_INCOMPLETE_STREAM',
    `Core ${call.device?.id ?? ''} ended its answer without a finish part.`,
  )
}
