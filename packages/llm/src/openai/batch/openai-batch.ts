import { AiosError, describeValue } from '@aios/kernel/driver'
import { connectBatch, type BatchConnection, type BatchScope } from './batch-connection.js'
import {
  checkRequest,
  readResult,
  requestLine,
  type BatchRequest,
  type BatchResult,
  type BatchWarning,
} from './batch-line.js'
import { checkBatchOptions, type OpenAiBatchOptions } from './batch-options.js'
import { readBatch, type BatchState } from './batch-state.js'
import { textLines } from './text-lines.js'

/** Most requests that a batch may hold, by the documentation of the API. */
const MOST_REQUESTS = 50_000

/** Is what every call takes last. */
export interface BatchCallOptions {
  /** Ends the call; it then rejects with the signal's reason. What the provider does goes on. */
  readonly signal?: AbortSignal | undefined
}

/** Is a batch that was handed in. */
export interface SubmittedBatch extends BatchState {
  /** What had to be left out or changed of its requests. */
  readonly warnings: readonly BatchWarning[]
}

/** Hands requests to OpenAI's Batch API, and fetches what became of them. It keeps nothing: the id of a batch is all there is. */
export interface OpenAiBatch {
  /**
   * Hands in requests, 1 to 50,000, each with an id of its own.
   *
   * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what cannot be asked, before anything is sent; or another
   * `AIOS_LLM_…` code for what the provider says. A file that was sent already may then stay there
   */
  submit(requests: readonly BatchRequest[], options?: BatchCallOptions): Promise<SubmittedBatch>
  /** Asks once how a batch stands. Ask again, every minute or so, until it `isOver`. */
  poll(id: string, options?: BatchCallOptions): Promise<BatchState>
  /**
   * Reads the results of a batch that is over, in the order in which the provider wrote them: those that were answered, then
   * those that were not. One that was cancelled, or ran out of time, has some of both. Can be read as often as wanted, while the
   * provider keeps them.
   *
   * @throws AiosError `AIOS_LLM_BAD_REQUEST` if the batch is not over, failed as a whole, or is one of the other API
   */
  results(id: string, options?: BatchCallOptions): AsyncIterable<BatchResult>
  /** Has the provider stop. Requests that were answered by then have results. */
  cancel(id: string, options?: BatchCallOptions): Promise<BatchState>
}

function checkRequests(requests: readonly BatchRequest[]): void {
  const given: unknown = requests
  if (!Array.isArray(given)) {
    const message = `Expected an array of requests for a batch, got ${describeValue(given)}.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  if (requests.length === 0 || requests.length > MOST_REQUESTS) {
    const message = `Expected 1 to ${MOST_REQUESTS} requests in a batch, got ${requests.length}.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  const seen = new Set<string>()
  for (const one of requests) {
    checkRequest(one)
    const { id } = one
    if (seen.has(id)) {
      throw new AiosError(
        'AIOS_LLM_BAD_REQUEST',
        `Expected each request of a batch to have its own id, got ${describeValue(id)} twice.`,
      )
    }
    seen.add(id)
  }
}

function batchOf(value: unknown): BatchState {
  const batch = readBatch(value)
  if (batch !== undefined) return batch
  const message = `Expected a batch, got ${describeValue(value)}. Is baseURL the root of an API that has /batches?`
  throw new AiosError('AIOS_LLM_SERVER', message)
}

/** Returns the files of results of a batch that is over, and was answered by the API whose answers are expected. */
function resultFiles({ id, status, isOver, problems, raw }: BatchState, url: string): string[] {
  const { endpoint = url } = raw
  if (endpoint !== url) {
    const message = `Expected batch "${id}" to be of ${url}, got ${describeValue(endpoint)}. Pass the option "api" that it was submitted with.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  if (!isOver) {
    const message = `Expected batch "${id}" to be over, got status "${status}". Poll it again later.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  if (status === 'failed') {
    const said = problems
      .map(({ message, line }) => (line === undefined ? message : `line ${line}: ${message}`))
      .join('; ')
    throw new AiosError(
      'AIOS_LLM_BAD_REQUEST',
      `Expected batch "${id}" to be answered, but it failed: ${said || 'no reason was given'}.`,
    )
  }
  return [raw['output_file_id'], raw['error_file_id']].filter(
    (file) => typeof file === 'string' && file !== '',
  ) as string[]
}

async function submit(
  way: BatchConnection,
  requests: readonly BatchRequest[],
  signal?: AbortSignal,
): Promise<SubmittedBatch> {
  const { sdk, client, format } = way
  checkRequests(requests)
  const lines = requests.map((one) => requestLine(one, format))
  const bytes = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''))
  return way.within(signal, async (scope) => {
    const { signal: ending } = scope
    const file = await sdk.toFile(bytes, 'batch.jsonl', { type: 'application/jsonl' })
    const sent = await scope.wait(() => client.files.create({ file, purpose: 'batch' }, { signal: ending }))
    const window = { completion_window: '24h', endpoint: format.url as '/v1/responses' } as const
    const made = await scope.wait(() =>
      client.batches.create({ input_file_id: sent.id, ...window }, { signal: ending }),
    )
    return { ...batchOf(made), warnings: lines.flatMap(({ warnings }) => warnings) }
  })
}

async function* linesOf(
  way: BatchConnection,
  file: string,
  scope: BatchScope,
): AsyncGenerator<string, void, undefined> {
  const { signal } = scope
  const response = await scope.wait(() => way.client.files.content(file, { signal }))
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    yield* textLines(async () => (await scope.wait(() => reader.read())).value as Uint8Array | undefined)
  } finally {
    // What it rejects with was told by the read that failed.
    await reader.cancel().catch(() => undefined)
  }
}

async function* results(
  way: BatchConnection,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<BatchResult, void, undefined> {
  const scope = way.begin(signal)
  try {
    const batch = batchOf(await scope.wait(() => way.client.batches.retrieve(id, { signal: scope.signal })))
    for (const file of resultFiles(batch, way.format.url)) {
      for await (const line of linesOf(way, file, scope)) yield readResult(line, way.format)
    }
  } finally {
    scope.close()
  }
}

/**
 * Makes the way to OpenAI's Batch API: many requests that may take up to a day, at half the price. It is no core and nothing of it
 * goes through the kernel: no budget, no limit and no journal knows of it. Requests and answers are translated as those of
 * `openai()` are. Needs the package `openai`, which is imported with the first call.
 *
 * @param model - the model that answers
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; its calls also for a missing key, and
 * `AIOS_MISSING_PEER` without the package `openai`
 * @example
 * ```ts
 * import { openaiBatch } from '@aios/llm/openai'
 *
 * const batch = openaiBatch('gpt-5-mini')
 * const texts = ['Good morning', 'Thank you']
 * const { id } = await batch.submit(
 *   texts.map((text, n) => ({
 *     id: `text-${n}`,
 *     request: { messages: [{ role: 'user', content: `Translate into French: ${text}` }] },
 *   })),
 * )
 * // Hours later, in any process that knows the id:
 * if ((await batch.poll(id)).isOver) {
 *   for await (const result of batch.results(id)) {
 *     if ('reply' in result) console.log(result.id, result.reply.parts)
 *     else console.log(result.id, result.error.code)
 *   }
 * }
 * ```
 */
export function openaiBatch(model: string, options: OpenAiBatchOptions = {}): OpenAiBatch {
  checkBatchOptions(model, options)
  const way = (): Promise<BatchConnection> => connectBatch(model, options)
  return {
    submit: async (requests, { signal } = {}) => submit(await way(), requests, signal),
    poll: async (id, { signal } = {}) => {
      const { client, within } = await way()
      const asked = await within(signal, (scope) =>
        scope.wait(() => client.batches.retrieve(id, { signal: scope.signal })),
      )
      return batchOf(asked)
    },
    results: (id, { signal } = {}) => ({
      async *[Symbol.asyncIterator]() {
        yield* results(await way(), id, signal)
      },
    }),
    cancel: async (id, { signal } = {}) => {
      const { client, within } = await way()
      return batchOf(
        await within(signal, (scope) => scope.wait(() => client.batches.cancel(id, { signal: scope.signal }))),
      )
    },
  }
}
