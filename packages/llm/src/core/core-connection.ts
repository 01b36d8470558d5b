import {
  AiosError,
  type CoreCapabilities,
  type CoreEmbedReply,
  type CoreEmbedRequest,
  type CoreReply,
  type CoreRequest,
  type DriverCall,
  type DriverServices,
  inputBound,
  type RateSignal,
  type Resume,
  type StreamPart,
  type Usage,
} from '@aios/kernel/driver'
import { CallScope } from './call-scope.js'
import { DEFAULT_TIMEOUT_MS, type CoreOptions } from './core-options.js'
import { inBatches } from './embed-batches.js'
import { resolveEndpoints, type EndpointDefaults } from './endpoint.js'
import { EndpointPool, type Lease } from './endpoint-pool.js'
import { errorSignal, providerError } from './provider-error.js'
import type {
  AnswerReader,
  AnswerReading,
  EmbedProtocol,
  EmbedWire,
  Exchange,
  Protocol,
  WireRequest,
} from './protocol.js'
import { Refusals } from './refusals.js'
import { secretsOf, type Secrets } from './secrets.js'

/** Milliseconds that a finished answer waits for its usage and for the end of the response. */
const FAREWELL_MS = 2_000

/** Milliseconds that counting tokens may take before the kernel's bound has to do. */
const COUNT_MS = 10_000

/** Milliseconds for which a provider that did not count is not asked again: whoever fits a conversation asks many times. */
const COUNT_REST_MS = 60_000

/** Is what makes a core out of a vendor's protocol. */
export interface VendorCoreParts<Wire extends WireRequest> {
  readonly model: string
  /** Names the provider: what `llms[].backend` of a request means. */
  readonly backend: string
  /** What is known of all models that are asked for in this way; the options say more. */
  readonly capabilities?: CoreCapabilities | undefined
  /** Checked before; see `checkCoreOptions`. */
  readonly options: CoreOptions
  readonly defaults: EndpointDefaults
  /** How a cut answer goes on. Default `none`. */
  readonly resume?: Resume | undefined
  /** Whether the provider counts tokens: its clients have `count`. Default false. */
  readonly countsTokens?: boolean | undefined
  /** What the core serves. Default: `chat` alone. */
  readonly serves?: readonly ('chat' | 'embed')[] | undefined
  /** Loads the vendor's SDK. */
  load(): Promise<Protocol<Wire>>
}

/** Is a call before it has an endpoint. */
interface Asked<Sent> {
  /** What the call costs its endpoint is reckoned by. */
  readonly request: CoreRequest
  readonly call: DriverCall
  readonly scope: CallScope
  /** Makes what is sent to a host. */
  toWire(host: string): Sent
}

/** Is a call on its endpoint. */
interface Served<Wire extends WireRequest, Sent> extends Asked<Sent> {
  readonly lease: Lease<Wire>
  readonly wire: Sent
}

type Ask<Wire extends WireRequest, Sent, T> = (served: Served<Wire, Sent>, exchange: Exchange) => Promise<T>
type Begun<Wire extends WireRequest, Sent, T> = readonly [served: Served<Wire, Sent>, answer: T]

interface Made<Wire extends WireRequest> {
  readonly protocol: Protocol<Wire>
  readonly clock: DriverServices['clock']
  readonly pool: EndpointPool<Wire>
  readonly secrets: Secrets
}

/** Is an open core: its provider's endpoints, with all that is secret about them inside, and the calls under way. */
export class CoreConnection<Wire extends WireRequest> {
  readonly #core: string
  readonly #parts: VendorCoreParts<Wire>
  readonly #protocol: Protocol<Wire>
  readonly #clock: DriverServices['clock']
  readonly #pool: EndpointPool<Wire>
  readonly #secrets: Secrets
  readonly #scopes = new Set<CallScope>()
  #countsFrom = Number.NEGATIVE_INFINITY

  private constructor(core: string, parts: VendorCoreParts<Wire>, made: Made<Wire>) {
    this.#core = core
    this.#parts = parts
    this.#protocol = made.protocol
    this.#clock = made.clock
    this.#pool = made.pool
    this.#secrets = made.secrets
  }

  /**
   * Reads the environment and loads the SDK. Nothing is sent.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` or `AIOS_MISSING_PEER`
   */
  static async open<Wire extends WireRequest>(
    core: string,
    parts: VendorCoreParts<Wire>,
    { clock }: DriverServices,
  ): Promise<CoreConnection<Wire>> {
    const { options, defaults } = parts
    const endpoints = resolveEndpoints(options, defaults, process.env)
    const protocol = await parts.load()
    const members = endpoints.map((endpoint, index) => ({ index, endpoint, client: protocol.connect(endpoint) }))
    const secrets = secretsOf(
      endpoints.map(({ apiKey }) => apiKey),
      options.headers ?? {},
    )
    const pool = new EndpointPool(members, clock)
    return new CoreConnection(core, parts, { protocol, clock, pool, secrets })
  }

  /** Stops every call that still runs. Idempotent. */
  close(): void {
    for (const scope of this.#scopes)
      scope.stop(() => new AiosError('AIOS_CLOSED', `The core "${this.#core}" was closed.`))
  }

  /** Answers in one piece. */
  async chat(request: CoreRequest, call: DriverCall): Promise<CoreReply> {
    const asked = this.#asked(request, call)
    let served: Served<Wire, Wire> | undefined
    let usage: Usage | undefined
    try {
      const [begun, body] = await this.#ask(asked, ({ lease, wire }, exchange) => lease.client.chat(wire, exchange))
      served = begun
      asked.scope.complete()
      const reply = this.#protocol.fromBody(body, this.#reading(begun))
      usage = reply.usage
      const { warnings } = begun.wire
      return warnings.length > 0 ? { ...reply, warnings } : reply
    } finally {
      served?.lease.release(usage)
      asked.scope.close()
    }
  }

  /** Makes vectors of texts. */
  async embed(request: CoreEmbedRequest, call: DriverCall): Promise<CoreEmbedReply> {
    const protocol = this.#protocol.embedding as EmbedProtocol
    const scope = this.#begin(call)
    try {
      return await inBatches(request, protocol.maxTexts, (part) => this.#vectors(protocol, part, { call, scope }))
    } finally {
      scope.close()
    }
  }

  async #vectors(
    protocol: EmbedProtocol,
    request: CoreEmbedRequest,
    way: Pick<Asked<EmbedWire>, 'call' | 'scope'>,
  ): Promise<CoreEmbedReply> {
    const { model } = this.#parts
    const messages = request.input.map((content) => ({ role: 'user' as const, content }))
    const toWire = (host: string): EmbedWire => protocol.toWire(request, { model, host })
    const asked: Asked<EmbedWire> = { ...way, request: { messages }, toWire }
    let served: Served<Wire, EmbedWire> | undefined
    let usage: Usage | undefined
    try {
      const [begun, body] = await this.#ask(asked, async ({ lease, wire }, exchange) =>
        lease.client.embed?.(wire, exchange),
      )
      served = begun
      const reply = protocol.fromBody(body)
      usage = reply.usage
      const { warnings } = begun.wire
      return warnings.length > 0 ? { ...reply, warnings } : reply
    } finally {
      served?.lease.release(usage)
    }
  }

  /** Answers in parts. `return` aborts the provider at once, also while a part is awaited; a generator alone would wait for it. */
  stream(request: CoreRequest, call: DriverCall): AsyncIterator<StreamPart> {
    const asked = this.#asked(request, call)
    const parts = this.#answer(asked)
    return {
      next: () => parts.next(),
      return: async () => {
        asked.scope.stop(() => new AiosError('AIOS_CLOSED', 'The stream was left by its consumer.'))
        return parts.return()
      },
    }
  }

  /**
   * Counts the input tokens of a request as the provider does, or by the kernel's bound where that fails.
   *
   * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what the protocol cannot express
   */
  async countTokens(request: CoreRequest): Promise<number> {
    if (this.#clock.now() < this.#countsFrom) return inputBound(request)
    const lease = this.#pool.lease(request, new Set())
    if (typeof lease === 'number') return inputBound(request)
    const scope = this.#scope(new AbortController().signal, COUNT_MS)
    try {
      const wire = this.#protocol.toWire(request, { model: this.#parts.model, host: lease.endpoint.host })
      const count = async (): Promise<number | undefined> =>
        lease.client.count?.(wire, { signal: scope.signal, heard: () => undefined })
      const counted = await scope
        .wait(count, (error) => error)
        // Without a count the conversation still has to be fitted, a little too tightly.
        .catch(() => undefined)
      if (counted !== undefined && Number.isSafeInteger(counted) && counted >= 0) return counted
      this.#countsFrom = this.#clock.now() + COUNT_REST_MS
      return inputBound(request)
    } finally {
      lease.giveBack()
      scope.close()
    }
  }

  async *#answer(asked: Asked<Wire>): AsyncGenerator<StreamPart, void, undefined> {
    let served: Served<Wire, Wire> | undefined
    let usage: Usage | undefined
    try {
      const [begun, answer] = await this.#ask(asked, ({ lease, wire }, exchange) => lease.client.stream(wire, exchange))
      served = begun
      const { warnings } = begun.wire
      yield { type: 'start', ...(warnings.length > 0 ? { warnings } : {}) }
      const reader = this.#protocol.reader(this.#reading(begun))
      const events = answer[Symbol.asyncIterator]()
      for (;;) {
        const next = await this.#next(events, begun, reader)
        if (next.done === true) break
        // Not `yield*`, which would make three more promises of each part.
        for (const part of reader.read(next.value)) yield part
        if (reader.isFinished) asked.scope.limitSilence(FAREWELL_MS)
      }
      asked.scope.complete()
      const closing = reader.end()
      usage = closing.flatMap((part) => (part.type === 'finish' ? [part.usage] : [])).at(-1)
      for (const part of closing) yield part
    } finally {
      served?.lease.release(usage)
      asked.scope.close()
    }
  }

  async #next(
    events: AsyncIterator<unknown>,
    served: Served<Wire, Wire>,
    reader: AnswerReader,
  ): Promise<IteratorResult<unknown>> {
    try {
      return await served.scope.wait(() => events.next(), this.#translator(served))
    } catch (error) {
      // Some servers never end the response; the answer is complete all the same.
      if (reader.isFinished && AiosError.is(error, 'AIOS_LLM_TIMEOUT')) return { done: true, value: undefined }
      throw error
    }
  }

  #asked(request: CoreRequest, call: DriverCall): Asked<Wire> {
    const { model, resume } = this.#parts
    const toWire = (host: string): Wire => this.#protocol.toWire(request, { model, host, resume })
    return { request, call, scope: this.#begin(call), toWire }
  }

  #reading({ wire, lease, call }: Served<Wire, Wire>): AnswerReading {
    return { names: wire.names, host: lease.endpoint.host, makeId: (n) => `call_${call.id}_${n}` }
  }

  #begin(call: DriverCall): CallScope {
    return this.#scope(call.signal, this.#parts.options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  }

  #scope(caller: AbortSignal, silenceMs: number): CallScope {
    const scope = new CallScope({
      caller,
      clock: this.#clock,
      silenceMs,
      onClose: () => void this.#scopes.delete(scope),
    })
    this.#scopes.add(scope)
    return scope
  }

  /** Sends the request to one endpoint after another, until one does not refuse it. */
  async #ask<Sent, T>(asked: Asked<Sent>, ask: Ask<Wire, Sent, T>): Promise<Begun<Wire, Sent, T>> {
    const refusals = new Refusals()
    for (;;) {
      const served = await this.#served(asked, refusals)
      const translate = this.#translator(served)
      try {
        return [served, await asked.scope.wait(() => ask(served, this.#exchange(served)), translate)]
      } catch (error) {
        served.lease.release()
        if (asked.scope.isStopped || !refusals.add(served.lease.index, error)) throw error
        if (refusals.indexes.size >= this.#pool.size) throw this.#timed(asked, refusals, error)
      }
    }
  }

  /** Takes a place on an endpoint. */
  async #served<Sent>(asked: Asked<Sent>, refusals: Refusals): Promise<Served<Wire, Sent>> {
    const lease = await this.#place(asked, refusals)
    try {
      return { ...asked, lease, wire: asked.toWire(lease.endpoint.host) }
    } catch (error) {
      lease.giveBack()
      throw error
    }
  }

  /** Waits for a place, unless the kernel can wait instead: for a refusal that passes it gives the call's slot to others meanwhile. */
  async #place(asked: Asked<unknown>, refusals: Refusals): Promise<Lease<Wire>> {
    const { request, scope } = asked
    for (;;) {
      const lease = this.#pool.lease(request, refusals.indexes)
      if (typeof lease !== 'number') return lease
      if (refusals.passing !== undefined) throw this.#timed(asked, refusals, refusals.passing)
      await scope.waitUnheard(() => this.#pool.room(lease, scope.signal))
    }
  }

  /** Returns the error with which a call ends that endpoints refused: one that passes tells when the first of all is free. */
  #timed({ request }: Asked<unknown>, refusals: Refusals, error: unknown): unknown {
    if (this.#pool.size === 1 || error !== refusals.passing) return error
    return refusals.passingAfter(this.#pool.waitMs(request, refusals.lasting))
  }

  #exchange({ lease, scope, call }: Served<Wire, unknown>): Exchange {
    return {
      signal: scope.signal,
      heard: (headers) => {
        const said = this.#protocol.rates(headers, this.#clock.now())
        if (said !== undefined && !scope.isStopped) this.#observe({ kind: 'headers', ...said }, lease, call)
      },
    }
  }

  /** What one of several endpoints says about itself is no word about the core. */
  #observe(signal: RateSignal, lease: Lease<Wire>, call: DriverCall): void {
    if (this.#pool.size === 1) call.observe(signal)
    else lease.observe(signal)
  }

  /** Returns what translates the errors of a call, and passes on what they say about the provider's limits. */
  #translator({ lease, scope, call }: Served<Wire, unknown>): (error: unknown) => unknown {
    return (error) => {
      const fault = this.#protocol.fault(error, this.#clock.now())
      const failed = providerError(error, fault, {
        provider: this.#protocol.provider,
        core: this.#core,
        keyAdvice: keyAdviceOf(this.#parts.defaults),
        secrets: this.#secrets,
        ...(this.#pool.size === 1 ? {} : { endpoint: lease.index }),
      })
      const signal = errorSignal(fault, failed)
      if (signal !== undefined && !scope.isStopped) this.#observe(signal, lease, call)
      if (failed.code === 'AIOS_LLM_AUTH') lease.denied()
      return failed
    }
  }
}

function keyAdviceOf({ keyAdvice, keyVariables }: EndpointDefaults): string {
  return keyAdvice ?? `the option apiKey, or ${keyVariables.join(' or ')}`
}
