import type { CoreReply, CoreRequest, CoreWarning, Resume, StreamPart } from '@aios/kernel'
import type { CoreEmbedReply, CoreEmbedRequest, RateSignal } from '@aios/kernel/driver'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import type { Endpoint } from './endpoint.js'
import type { Fault } from './provider-error.js'

/** Is a request as a vendor's SDK takes it, with what is needed to read the answer. */
export interface WireRequest {
  readonly params: object
  readonly names: ToolNameMap
  readonly warnings: readonly CoreWarning[]
}

/** Is a request for vectors as a vendor's SDK takes it. */
export interface EmbedWire {
  readonly params: object
  readonly warnings: readonly CoreWarning[]
}

/** Says where a request goes, as far as that changes what is sent. */
export interface Target {
  readonly model: string
  readonly host: string
  readonly resume?: Resume | undefined
}

/** Says how to read one answer. */
export interface AnswerReading {
  readonly names: ToolNameMap
  /** Host of the provider, for state that belongs to one. */
  readonly host: string
  /** Makes an id for the n-th tool call of the answer, for providers that send none. */
  makeId(n: number): string
}

/** Turns the events of one streamed answer into parts, and keeps no text of it. */
export interface AnswerReader {
  /** Whether the model is done; only usage can still come. */
  readonly isFinished: boolean
  /** Takes one event, as it came, and returns the parts it makes. */
  read(event: unknown): StreamPart[]
  /**
   * Returns the closing parts, `finish` the last.
   *
   * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if the model was not done
   */
  end(): StreamPart[]
}

/** Is one request under way, for the SDK's side of it. */
export interface Exchange {
  /** Aborts when the call is stopped or over. */
  readonly signal: AbortSignal
  /** Is told the headers of the answer as soon as they are there. */
  heard(headers: Headers): void
}

/** Is a vendor's SDK, set up for one endpoint. What it throws is told apart by {@link Protocol.fault}. */
export interface VendorClient<Wire extends WireRequest> {
  /** Resolves to the body of the answer. */
  chat(wire: Wire, exchange: Exchange): Promise<unknown>
  /** Resolves to the raw events: the SDK's own readers hide how a stream ended. */
  stream(wire: Wire, exchange: Exchange): Promise<AsyncIterable<unknown>>
  /** Resolves to the input tokens of a request, where the provider counts them. */
  count?(wire: Wire, exchange: Exchange): Promise<number | undefined>
  /** Resolves to the body of the answer to a request for vectors; needed where the protocol has an `embedding`. */
  embed?(wire: EmbedWire, exchange: Exchange): Promise<unknown>
}

/** Is how a vendor is asked for vectors. */
export interface EmbedProtocol {
  /** Texts that one request may have; more of them are asked for in several, one after the other. Default: no limit. */
  readonly maxTexts?: number | undefined
  toWire(request: CoreEmbedRequest, target: Target): EmbedWire
  /**
   * Translates an answer.
   *
   * @throws AiosError `AIOS_LLM_SERVER` if it is none
   */
  fromBody(body: unknown): CoreEmbedReply
}

/** Is how a vendor is spoken to, once its SDK is loaded. */
export interface Protocol<Wire extends WireRequest> {
  /** Names the provider: in `providerOptions`, in `opaque`, and in the details of errors. */
  readonly provider: string
  connect(endpoint: Endpoint): VendorClient<Wire>
  /**
   * Translates a request.
   *
   * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what the protocol cannot express
   */
  toWire(request: CoreRequest, target: Target): Wire
  /**
   * Translates a whole answer.
   *
   * @throws AiosError `AIOS_LLM_SERVER` if it is none
   */
  fromBody(body: unknown, reading: AnswerReading): CoreReply
  reader(reading: AnswerReading): AnswerReader
  /** Present where the vendor makes vectors. */
  readonly embedding?: EmbedProtocol | undefined
  /** Tells what the SDK threw. */
  fault(error: unknown, now: number): Fault
  /** Reads what headers say about the provider's limits; undefined if they say nothing. */
  rates(headers: Headers, now: number): Omit<RateSignal, 'kind'> | undefined
}
