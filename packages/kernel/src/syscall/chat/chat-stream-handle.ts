import type { ChatReply, ChatStream, Finish, StreamPart } from '../../driver/chat.js'
import { AiosError } from '../../error/aios-error.js'
import { giveUp, withdraw } from '../cancel.js'
import { quiet, settle } from '../settle.js'
import { STATE, type Syscall } from '../syscall.js'
import { DeviceStream } from './device-stream.js'
import { RecordedAnswer } from '../../journal/recorded-answer.js'
import { PulledPromise } from './pulled-promise.js'
import { chatReply, ReplyBuilder } from './reply-builder.js'

const ABORTED: Finish = { unified: 'aborted' }
/** Why a stream is stopped whose consumer left the loop; nobody gets to see it but the driver's signal. */
const LEFT = new AiosError('AIOS_PROCESS_EXITED', 'The consumer left the stream.')

/**
 * Is the consumer's end of a streamed answer: folds the parts that pass into the final reply, holds them back while the
 * process is suspended, and ends the call when the consumer has the last part, leaves, or does not come back.
 */
export class ChatStreamHandle implements ChatStream, AsyncIterator<StreamPart, undefined> {
  readonly result: Promise<ChatReply>
  readonly device: DeviceStream
  readonly #call: Syscall
  readonly #reply = new ReplyBuilder()
  /** Where parts come from: the device, or what hooks made of it; undefined until the call is sent on its way. */
  #source: AsyncIterator<StreamPart> | undefined
  /** Tells a pull that came before that. */
  #connected: (() => void) | undefined
  /** Changes the final reply before it is delivered; set by hooks. */
  finishing: ((reply: ChatReply) => Promise<ChatReply>) | undefined = undefined
  #mode: 'unread' | 'iterated' | 'dropped' = 'unread'
  #ended = false
  #recorded: RecordedAnswer | undefined
  /** What an earlier life had of the answer, and how much of it is still to come; it comes before all else. */
  #told: AsyncIterator<StreamPart> | undefined
  #toldLeft = 0
  #failure: { readonly error: unknown } | undefined

  constructor(call: Syscall) {
    this.#call = call
    this.device = new DeviceStream(call)
    const extras = call.rare()
    extras.device = this.device
    extras.stream = this
    // The device being done does not settle the call: the consumer may still have parts to read.
    extras.intercept = (fulfilled, error) => {
      if (fulfilled || this.#ended) return
      // What was delivered before the failure comes before it: the device then fails the pull after.
      if (this.device.holdsParts) this.device.abort(error)
      else this.#settle('rejected', error)
    }
    this.result = PulledPromise.of(call.promise as Promise<ChatReply>, () => {
      this.#awaited()
    })
    call.promise.catch((error: unknown) => {
      this.#failure ??= { error }
      this.device.abort(error)
      this.#recorded?.settle(false, error)
      this.#connected?.()
    })
  }

  /** Says where parts come from: nobody gets one past the hooks, however early it was asked for. */
  connect(parts: AsyncIterable<StreamPart> = this.device): void {
    this.#source = parts[Symbol.asyncIterator]()
    this.#connected?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamPart, undefined> {
    if (this.#mode !== 'unread') {
      throw new AiosError(
        'AIOS_INVALID_SYSCALL',
        this.#mode === 'dropped'
          ? 'The parts of this stream were dropped because only its result was awaited. Iterate first, or do both in the same tick.'
          : 'This stream is already being iterated; its parts are delivered once.',
      )
    }
    this.#mode = 'iterated'
    return this
  }

  async next(): Promise<IteratorResult<StreamPart, undefined>> {
    if (this.#ended) return { done: true, value: undefined }
    this.#throwFailure()
    try {
      if (this.#toldLeft > 0) return await this.#nextTold()
      const pulled = await (this.#source ?? (await this.#sent())).next()
      await this.#thawed()
      this.#throwFailure()
      if (pulled.done === true) return await this.#finish()
      this.#reply.add(pulled.value)
      this.device.delivered()
      this.#call.record?.run.part(this.#call, pulled.value)
      if (pulled.value.type === 'finish') await this.#finish()
      return { done: false, value: pulled.value }
    } catch (error) {
      this.#settle('rejected', error)
      this.#throwFailure()
      throw error
    }
  }

  async return(): Promise<IteratorResult<StreamPart, undefined>> {
    if (!this.#ended && this.#failure === undefined) {
      withdraw(this.#call)
      this.device.abort(LEFT)
      this.#connected?.()
      await this.#finish()
      giveUp(this.#call, LEFT)
      this.#call.caller.kernel.wake(undefined)
    }
    return { done: true, value: undefined }
  }

  /** Answers with the parts of an earlier life, as they are told; the last comes when it is its turn. */
  answerFrom(): void {
    const answer = new RecordedAnswer()
    this.#recorded = answer
    this.connect(answer)
    this.finishing = (reply) => Promise.resolve(answer.reply ?? reply)
  }

  /** Waits, before whatever comes, for so many parts that an earlier life had of the answer. */
  expect(count: number): void {
    this.#recorded = new RecordedAnswer()
    this.#told = this.#recorded[Symbol.asyncIterator]()
    this.#toldLeft = count
  }

  /** Delivers parts that an earlier life had of the answer. */
  tell(parts: readonly StreamPart[]): void {
    this.#recorded?.add(parts)
  }

  /** Is told that it is the turn of an answer from an earlier life to settle. */
  answered(fulfilled: boolean, value: unknown): void {
    this.#recorded?.settle(fulfilled, value)
    if (this.#mode === 'unread') this.#settle(fulfilled ? 'fulfilled' : 'rejected', value)
  }

  /** Milliseconds until the consumer has been idle for too long: 0 if it has, undefined if the stream is over. */
  get idleLeftMs(): number | undefined {
    const { kernel } = this.#call.caller
    if (this.#ended || this.#call.state === STATE.settled) return undefined
    const { streamIdleMs } = kernel.limits
    if (this.device.pulling || this.#call.owner.frozen > 0) return streamIdleMs
    return Math.max(0, streamIdleMs - (kernel.clock.now() - this.device.pulledAt))
  }

  /** Somebody awaits the result: unless they iterate in the same turn, the kernel pulls and drops the parts. */
  #awaited(): void {
    if (this.#mode !== 'unread') return
    this.#call.caller.kernel.clock.defer(() => {
      if (this.#mode !== 'unread') return
      this.#mode = 'dropped'
      void this.#pullAll()
    })
  }

  async #pullAll(): Promise<void> {
    try {
      while ((await this.next()).done !== true);
    } catch {
      // The result carries the error.
    }
  }

  async #nextTold(): Promise<IteratorResult<StreamPart, undefined>> {
    const told = (await this.#told?.next()) as IteratorYieldResult<StreamPart>
    await this.#thawed()
    this.#throwFailure()
    this.#toldLeft -= 1
    this.#reply.add(told.value)
    return { done: false, value: told.value }
  }

  /** Waits until the call is sent on its way; a run that goes through an earlier life of its first comes to its end. */
  async #sent(): Promise<AsyncIterator<StreamPart>> {
    await new Promise<void>((resolve) => {
      this.#connected = resolve
    })
    this.#throwFailure()
    return this.#source ?? this.device[Symbol.asyncIterator]()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #finish(): Promise<{ done: true; value: undefined }> {
    this.#ended = true
    let reply = chatReply(this.#call, this.#reply.build(ABORTED))
    const usage = this.#call.extras?.usage
    if (usage !== undefined && reply.usage.input.total === undefined) reply = { ...reply, usage }
    if (this.device.warnings !== undefined) reply = { ...reply, warnings: this.device.warnings }
    if (this.finishing !== undefined) reply = await this.finishing(reply)
    this.#settle('fulfilled', reply)
    return { done: true, value: undefined }
  }

  #settle(outcome: 'fulfilled' | 'rejected', value: unknown): void {
    const call = this.#call
    if (call.state === STATE.settled) return
    if (outcome === 'rejected') {
      this.#failure ??= { error: value }
      quiet(call.promise)
    }
    settle(call, outcome, value)
    call.caller.kernel.wake(undefined)
    call.caller.kernel.hub.flush()
  }

  /** Waits while the process is suspended. */
  async #thawed(): Promise<void> {
    const { owner } = this.#call
    while (owner.frozen > 0 && !this.#call.underSlot && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        ;(owner.thawing ??= new Set()).add(resolve)
      })
    }
  }
}
