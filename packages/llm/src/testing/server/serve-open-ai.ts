import { AiosError, type Clock, type LlmDriver } from '@aios/kernel'
import { checkOptions, option, systemClock } from '@aios/kernel/driver'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expectCore } from '../wrap/wrapped-core.js'
import { streamedAnswer, wholeAnswer } from './core-answer.js'
import { HttpExchange } from './http-exchange.js'
import { ChunkWriter, toCompletion, type CompletionHead } from './wire-completion.js'
import { badRequest, field, KINDS, objectAt, type WireObject } from './wire-field.js'
import { fromWireRequest, type AskedCompletion } from './wire-request.js'

/** Is what `serveOpenAi` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ServeOptions {
  /** Port on loopback. Default 0: any that is free. */
  readonly port?: number | undefined
  /** The key that clients must send. Default: any will do, and none. */
  readonly apiKey?: string | undefined
  /** Gives the core its time. Default: the system's. */
  readonly clock?: Clock | undefined
}

/** Is a core that is served over HTTP. */
export interface OpenAiServer extends AsyncDisposable {
  /** What clients take as `baseURL`, such as `http://127.0.0.1:40123/v1`. */
  readonly baseURL: string
  /** Closes the server with every connection, then the core. Idempotent. */
  close(): Promise<void>
}

const OPTIONS = option.object({
  port: option.optional(option.integer(0, 65_535)),
  apiKey: option.optional(option.secret('a string that is not empty', (key) => typeof key === 'string' && key !== '')),
  clock: option.optional(option.record),
})
const HOST = '127.0.0.1'
const MS_PER_SECOND = 1000

/** Answers requests out of a core. */
class CoreService {
  readonly #core: LlmDriver
  readonly #apiKey: string | undefined
  readonly #clock: Clock
  #answers = 0

  constructor(core: LlmDriver, apiKey: string | undefined, clock: Clock) {
    this.#core = core
    this.#apiKey = apiKey
    this.#clock = clock
  }

  async answer(exchange: HttpExchange): Promise<void> {
    try {
      this.#expectKey(exchange)
      await this.#route(exchange)
    } catch (error) {
      await exchange.fail(error)
    }
  }

  #expectKey({ authorization }: HttpExchange): void {
    if (this.#apiKey === undefined || authorization === `Bearer ${this.#apiKey}`) return
    throw new AiosError(
      'AIOS_LLM_AUTH',
      'Expected the key that serveOpenAi({ apiKey }) was given, got another or none.',
    )
  }

  async #route(exchange: HttpExchange): Promise<void> {
    switch (`${exchange.method} ${exchange.path}`) {
      case 'POST /v1/chat/completions':
        return this.#complete(exchange)
      case 'POST /v1/embeddings':
        return this.#embed(exchange)
      case 'GET /v1/models':
        exchange.json({ object: 'list', data: [this.#model()] })
        return
      default:
        throw new AiosError(
          'AIOS_NOT_FOUND',
          `Expected POST /v1/chat/completions, POST /v1/embeddings or GET /v1/models, got ${exchange.method} ${exchange.path}.`,
        )
    }
  }

  #model(): WireObject {
    return { id: this.#core.model, object: 'model', created: 0, owned_by: 'aios' }
  }

  #head(): CompletionHead {
    this.#answers += 1
    return {
      id: `chatcmpl-${this.#answers}`,
      created: Math.floor(this.#clock.now() / MS_PER_SECOND),
      model: this.#core.model,
    }
  }

  async #complete(exchange: HttpExchange): Promise<void> {
    const asked = fromWireRequest(await exchange.body())
    if (asked.isStreamed) return this.#stream(exchange, asked)
    const call = fakeDriverCall({ signal: exchange.signal })
    exchange.json(toCompletion(await wholeAnswer(this.#core, asked.request, call), this.#head()))
  }

  /** Events begin with the first part that says something, so that what fails before it has a status. */
  async #stream(exchange: HttpExchange, { request, wantsUsage }: AskedCompletion): Promise<void> {
    const writer = new ChunkWriter(this.#head(), wantsUsage)
    const call = fakeDriverCall({ signal: exchange.signal })
    let hasBegun = false
    let hasEnded = false
    for await (const part of streamedAnswer(this.#core, request, call)) {
      const chunks = writer.write(part)
      if (!hasBegun && chunks.length > 0) {
        hasBegun = true
        exchange.beginEvents()
        await exchange.event(writer.opening())
      }
      for (const chunk of chunks) await exchange.event(chunk)
      hasEnded = part.type === 'finish'
      exchange.signal.throwIfAborted()
    }
    if (!hasEnded)
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', 'Expected a finish before the end of the stream, got none.')
    await exchange.event('[DONE]')
    exchange.end()
  }

  async #embed(exchange: HttpExchange): Promise<void> {
    const body = objectAt(await exchange.body(), 'the body')
    const given = typeof body['input'] === 'string' ? [body['input']] : body['input']
    if (!Array.isArray(given) || given.length === 0 || !given.every((text) => typeof text === 'string'))
      throw badRequest('input', 'a string, or an array of strings', body['input'])
    if (this.#core.embed === undefined)
      throw new AiosError('AIOS_UNSUPPORTED', `Core "${this.#core.id}" makes no vectors.`)
    const dimensions = field<number>(body, ['dimensions', 'dimensions'], KINDS.whole)
    const call = fakeDriverCall({ signal: exchange.signal })
    const { vectors, usage, model } = await this.#core.embed({ input: given, dimensions }, call)
    const toWire = (vector: Float32Array): unknown =>
      body['encoding_format'] === 'base64'
        ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
        : [...vector]
    const tokens = usage.input.total
    exchange.json({
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: toWire(vector) })),
      model: model ?? this.#core.model,
      ...(tokens === undefined ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
    })
  }
}

async function shut(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/**
 * Serves a core on loopback as an OpenAI-compatible server: chat completions whole and streamed (server-sent events), with tools, JSON
 * Schema, usage and errors with their status; embeddings where the core makes them; the list of models. For programs under test that
 * bring a client of their own, in any process and language. Whatever `model` a client names, the core answers.
 *
 * A client that leaves aborts its call. A core that fails before its first piece answers with a status; later it breaks the stream off:
 * by a lost connection for `AIOS_LLM_NETWORK`, an early end for `AIOS_LLM_INCOMPLETE_STREAM`, else an event with the error.
 *
 * @param core - is opened here and closed with the server; do not hand it to a kernel too
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option; `AIOS_UNSUPPORTED` for a core that works in batches; what the core
 *   throws when it is opened, and the system's error for a port that is taken
 * @example
 * ```ts
 * import { lastUser, mockModel, serveOpenAi } from '@aios/llm/testing'
 *
 * const server = await serveOpenAi(mockModel().on(lastUser(/hello/i)).says('Hello, Ada.'))
 * const response = await fetch(`${server.baseURL}/chat/completions`, {
 *   method: 'POST',
 *   body: JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'Hello!' }] }),
 * })
 * console.log(await response.json()) // a chat completion
 * await server.close()
 * ```
 */
export async function serveOpenAi(core: LlmDriver, options: ServeOptions = {}): Promise<OpenAiServer> {
  expectCore('serveOpenAi()', core)
  checkOptions('serveOpenAi()', options, OPTIONS)
  const { port = 0, apiKey, clock = systemClock } = options
  await core.open?.(fakeDriverServices(clock))
  const service = new CoreService(core, apiKey, clock)
  const server = createServer((incoming, response) => void service.answer(new HttpExchange(incoming, response)))
  try {
    server.listen(port, HOST)
    await once(server, 'listening')
  } catch (error) {
    await core.close?.()
    throw error
  }
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= shut(server).then(() => core.close?.()))
  return {
    baseURL: `http://${HOST}:${(server.address() as AddressInfo).port}/v1`,
    close,
    [Symbol.asyncDispose]: close,
  }
}
