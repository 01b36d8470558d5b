import type { StreamPart } from '../driver/chat.js'
import type { LlmDriver, Resume } from '../driver/llm-driver.js'
import { CHARS_PER_TOKEN } from '../limits.js'
import { closeSource, type Source } from '../syscall/chat/source.js'
import { DriverCallView } from '../syscall/driver-call.js'
import { driverError } from '../syscall/settle.js'
import type { Syscall } from '../syscall/syscall.js'
import { inTime } from '../time/in-time.js'
import type { WheelTimer } from '../time/timer-wheel.js'
import type { Generation } from './generation.js'
import type { Snapshot } from './process-context.js'
import { LONGEST_TAIL, safeCut, wholeCharacters } from './safe-cut.js'
import { yieldSlot } from './yield-slot.js'

/** Is what {@link LeavingCore} needs of the stream that it cuts. */
export interface CuttableStream {
  readonly generation: Generation
  readonly open: boolean
  /** Whether a part is being waited for. */
  readonly fetching: boolean
  readonly failure: { readonly error: unknown } | undefined
  /** Parts that the consumer has not taken. */
  readonly undelivered: readonly StreamPart[]
  pullWhile(wanted: () => boolean): Promise<void>
  detach(): Source | undefined
  reattach(source: Source): void
  /** Is told that the core is closed; returns whether the call goes on. */
  left(): boolean
}

/** Returns how the core of a call goes on after a cut. */
export function resumeOf(call: Syscall): Resume {
  return (call.device as LlmDriver | undefined)?.resume ?? 'none'
}

/** Takes a call off its core in the middle of its answer, where that loses nothing. */
export class LeavingCore {
  readonly #call: Syscall
  readonly #stream: CuttableStream
  #wanted: 'slice' | 'suspend' | undefined = undefined
  /** Whether the core failed to save once. */
  #unable = false
  #patience: WheelTimer | undefined = undefined
  #tailChars = 0
  /** Whether the core is being saved or closed. */
  under = false

  constructor(call: Syscall, stream: CuttableStream) {
    this.#call = call
    this.#stream = stream
  }

  /** Whether the answer could be cut here. */
  get possible(): boolean {
    return !this.#unable && !this.under && this.#stream.generation.cuttable
  }

  /** Asks for the cut. Returns false if there will be none. */
  ask(why: 'slice' | 'suspend'): boolean {
    if (this.under) return true
    const resume = resumeOf(this.#call)
    if (resume === 'none' || this.#unable || !this.#stream.open) return false
    if (this.#wanted === undefined && resume === 'prefix') this.#losePatience()
    this.#wanted = why
    this.#tailChars = 0
    this.moved()
    void this.#stream.pullWhile(() => this.#wanted !== undefined && !this.under)
    return true
  }

  /** Is told that the stream moved on: where the core saves its state, it is cut between two parts. */
  moved(): void {
    if (this.#wanted === undefined || this.#stream.fetching || resumeOf(this.#call) !== 'state' || !this.possible)
      return
    if (this.#stillWanted()) void this.#save()
  }

  /** Returns what is to be delivered of a part, and cuts the text in it where that is safe. */
  cut(part: StreamPart): StreamPart | undefined {
    if (this.#wanted === undefined || part.type !== 'text-delta' || resumeOf(this.#call) !== 'prefix' || !this.possible)
      return part
    const { open } = this.#stream.generation
    const text = open + part.text
    this.#tailChars += part.text.length
    const at = safeCut(text, open.length) ?? (this.#tailChars > LONGEST_TAIL ? wholeCharacters(text) : undefined)
    if (at === undefined || !this.#stillWanted()) return part
    const kept = part.text.slice(0, at - open.length)
    void this.#leaveText(part.text.length - kept.length)
    return kept === '' ? undefined : { ...part, text: kept }
  }

  /** Is told that the answer is over. */
  forget(): void {
    this.#wanted = undefined
    if (this.#patience !== undefined) this.#call.caller.kernel.wheel.cancel(this.#patience)
    this.#patience = undefined
  }

  /** Whoever wanted the slot may have got another one meanwhile. */
  #stillWanted(): boolean {
    const { owner, lane, underSlot } = this.#call
    if ((owner.frozen > 0 && !underSlot) || (this.#wanted === 'slice' && lane !== undefined && lane.unslotted > 0))
      return true
    this.forget()
    lane?.slices?.stays(this.#call)
    return false
  }

  /** Cuts a stream that has stalled where it stands. One that has said nothing yet keeps its slot: it would never get to. */
  #losePatience(): void {
    const { wheel, limits } = this.#call.caller.kernel
    this.#patience = wheel.set(limits.abandonAfterMs, false, () => {
      this.#patience = undefined
      const { generation, open } = this.#stream
      if (this.#wanted === undefined || !open || !this.possible || !this.#stillWanted()) return
      if (this.#wanted === 'suspend' || generation.texts.length > 0) void this.#leaveText(0)
    })
  }

  async #leaveText(lostChars: number): Promise<void> {
    this.under = true
    const source = this.#stream.detach()
    await this.#close(source)
    const { texts, tokens } = this.#stream.generation
    const lostTokens = Math.ceil(lostChars / CHARS_PER_TOKEN)
    this.#off({ kind: 'prefix', texts, outputTokens: tokens }, { ms: 0, lostTokens })
  }

  async #save(): Promise<void> {
    this.under = true
    const { clock } = this.#call.caller.kernel
    const source = this.#stream.detach() as Source
    const began = clock.now()
    let state: unknown
    try {
      state = await this.#state()
    } catch (error) {
      await this.#stay(source, error)
      return
    }
    const ms = clock.now() - began
    await this.#close(source)
    this.#off({ kind: 'state', state, outputTokens: this.#stream.generation.tokens }, { ms, lostTokens: 0 })
  }

  /** Has the core save the answer, in time. */
  async #state(): Promise<unknown> {
    const { wheel, limits } = this.#call.caller.kernel
    const ms = limits.abandonAfterMs
    const late = (): never => {
      throw new Error(`It was not done within ${ms} ms.`)
    }
    const core = this.#call.device as Required<LlmDriver>
    return inTime<unknown>(Promise.resolve(core.save(new DriverCallView(this.#call))), {
      wheel,
      ms,
      isVital: false,
      late,
    })
  }

  /** Lets the answer go on, uncut, on a core that could not save. */
  async #stay(source: Source, error: unknown): Promise<void> {
    driverError(this.#call, error)
    this.#unable = true
    this.under = false
    this.forget()
    this.#call.lane?.slices?.stays(this.#call)
    if (this.#stream.failure === undefined) {
      this.#stream.reattach(source)
    } else {
      await this.#close(source)
      this.#stream.left()
    }
  }

  #off(snapshot: Snapshot, cost: { readonly ms: number; readonly lostTokens: number }): void {
    this.under = false
    this.forget()
    if (!this.#stream.left()) return
    this.#call.record?.run.cut(this.#call, snapshot, this.#stream.undelivered)
    yieldSlot(this.#call, { snapshot, ...cost })
  }

  /** Stops the core. */
  async #close(source: Source | undefined): Promise<void> {
    const { extras } = this.#call
    const controller = extras?.controller
    if (extras !== undefined) extras.controller = undefined
    controller?.abort(new DOMException('The answer was cut, to go on later.', 'AbortError'))
    // The answer goes on elsewhere, whatever its core says to that.
    await closeSource(this.#call, source).catch(() => undefined)
  }
}
