import {
  AiosError,
  type CoreReply,
  type CoreRequest,
  type DriverCall,
  type LlmDriver,
  type StreamPart,
} from '@aios/kernel'
import type { CallScope } from './call-scope.js'
import { fromCompletion } from './chat-reply.js'
import { toWireRequest, type Target, type WireRequest } from './chat-request.js'
import { ChunkReader, type AnswerReading } from './chunk-reader.js'
import { openConnection, type Connection } from './connection.js'
import { checkOpenAiOptions, type OpenAiOptions } from './openai-options.js'

/** Asks for the tokens of each piece: an answer that is cut is continued for what is left of its length. */
const COUNTED = { include_usage: true, continuous_usage_stats: true }

/** Milliseconds that a finished answer waits for its usage and for the end of the response. */
const FAREWELL_MS = 2_000

function reading(request: WireRequest, host: string, call: DriverCall): AnswerReading {
  return { names: request.names, host, makeId: (n) => `call_${call.id}_${n}` }
}

async function nextChunk(
  chunks: AsyncIterator<unknown>,
  scope: CallScope,
  reader: ChunkReader,
): Promise<IteratorResult<unknown>> {
  try {
    return await scope.wait(() => chunks.next())
  } catch (error) {
    // Some servers never end the response; the answer is complete all the same.
    if (reader.isFinished && AiosError.is(error, 'AIOS_LLM_TIMEOUT')) return { done: true, value: undefined }
    throw error
  }
}

/** Is one call, with what it takes to serve it. */
interface Served {
  readonly request: CoreRequest
  readonly call: DriverCall
  readonly connection: Connection
  readonly target: Pick<Target, 'model' | 'resume'>
}

async function* answer(served: Served, scope: CallScope): AsyncGenerator<StreamPart, void, undefined> {
  const { connection, call } = served
  try {
    const request = toWireRequest(served.request, { ...served.target, host: connection.host })
    const counts = served.target.resume === 'prefix' ? { stream_options: COUNTED } : {}
    const chunks = await connection.stream({ ...counts, ...request.params }, scope)
    yield { type: 'start', ...(request.warnings.length > 0 ? { warnings: request.warnings } : {}) }
    const reader = new ChunkReader(reading(request, connection.host, call))
    for (;;) {
      const next = await nextChunk(chunks, scope, reader)
      if (next.done === true) break
      yield* reader.read(next.value)
      if (reader.isFinished) scope.limitSilence(FAREWELL_MS)
    }
    yield* reader.end()
  } finally {
    scope.close()
  }
}

/** Lets `return` abort the provider at once, also while a part is awaited; a generator alone would wait for that part. */
function abortable(served: Served): AsyncIterator<StreamPart> {
  const scope = served.connection.begin(served.call)
  const parts = answer(served, scope)
  return {
    next: () => parts.next(),
    return: async () => {
      scope.stop(new AiosError('AIOS_CLOSED', 'The stream was left by its consumer.'))
      return parts.return()
    },
  }
}

/**
 * Makes a core (AIOS: LLM core) for OpenAI's chat completions, or for a server that speaks them: Ollama, vLLM, SGLang,
 * DeepSeek, Groq and many more, by `baseURL`. Needs the package `openai`, which is imported when the kernel opens the
 * core.
 *
 * `providerOptions.openai` of a request is merged into what is sent, and wins. `maxOutputTokens` is sent as
 * `max_completion_tokens` to OpenAI and Azure, as `max_tokens` to everyone else. The SDK's own retries are off. A
 * schema in `responseFormat` is sent without `strict`, so check the answer.
 *
 * @param model - the model to ask for, such as `gpt-5-mini`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for a
 * missing key, and `AIOS_MISSING_PEER` without the package `openai`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { openai } from '@aios/llm/openai'
 *
 * const kernel = await createKernel({
 *   llm: [
 *     openai('gpt-5-mini', { limits: { concurrency: 8, rpm: 500, tpm: 200_000 } }),
 *     openai('qwen3', { id: 'local', baseURL: 'http://localhost:11434/v1' }),
 *   ],
 * })
 * const reply = await kernel.sys().llm.chat({ model: 'local', messages: [{ role: 'user', content: 'Hello!' }] })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function openai(model: string, options: OpenAiOptions = {}): LlmDriver {
  checkOpenAiOptions(model, options)
  const { id = model, limits, price, contextWindow, maxOutputTokens, resume = 'none' } = options
  let connection: Connection | undefined
  const connected = (): Connection => {
    if (connection !== undefined) return connection
    throw new AiosError('AIOS_CLOSED', `The core "${id}" is not open. Hand it to createKernel, or call open() first.`)
  }
  return {
    kind: 'llm',
    id,
    model,
    resume,
    ...(limits === undefined ? {} : { limits }),
    ...(price === undefined ? {} : { price }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    async open(services) {
      if (connection !== undefined) {
        const message = `Expected core "${id}" to serve one kernel, got a second. Call openai() once for each kernel.`
        throw new AiosError('AIOS_INVALID_OPTION', message)
      }
      connection = await openConnection(id, options, services)
    },
    close() {
      connection?.close()
      connection = undefined
    },
    async chat(request: CoreRequest, call: DriverCall): Promise<CoreReply> {
      const { host, begin, chat } = connected()
      const wire = toWireRequest(request, { model, host, resume })
      const scope = begin(call)
      try {
        const body = await chat(wire.params, scope)
        return fromCompletion(body, { ...reading(wire, host, call), warnings: wire.warnings })
      } finally {
        scope.close()
      }
    },
    stream(request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
      const served = { request, call, target: { model, resume }, connection: connected() }
      return { [Symbol.asyncIterator]: () => abortable(served) }
    },
  }
}
