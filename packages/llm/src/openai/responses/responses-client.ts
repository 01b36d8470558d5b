import type { CoreOptions } from '../../core/core-options.js'
import type { Endpoint } from '../../core/endpoint.js'
import type { VendorClient } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { heard } from '../../core/sdk-answer.js'
import { bodyOf, sdkClient, vectorClient } from '../openai-client.js'
import type { OpenAiSdk } from '../sdk.js'
import type { ResponsesWire } from './responses-request.js'

type ErrorClass = Pick<OpenAiSdk, 'APIError'>

/** Returns the error that an event of a stream tells of, which the SDK passes on like any other event. */
function errorOf(event: unknown): object | undefined {
  if (!isRecord(event)) return undefined
  if (event['type'] === 'error') return event
  if (event['type'] !== 'response.failed') return undefined
  const { response } = event
  const error = isRecord(response) ? response['error'] : undefined
  return isRecord(error) ? error : { message: 'The response failed, and the server did not say why.' }
}

/** Passes events on, up to the first that tells of an error. */
async function* unlessFailed(
  sdk: ErrorClass,
  events: AsyncIterable<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  for await (const event of events) {
    const error = errorOf(event)
    if (error !== undefined) throw new sdk.APIError(undefined, error, undefined, undefined)
    yield event
  }
}

/** Speaks responses. */
export function responsesClient(sdk: OpenAiSdk, endpoint: Endpoint, options: CoreOptions): VendorClient<ResponsesWire> {
  const client = sdkClient(sdk, endpoint, options)
  return {
    async chat({ params }, exchange) {
      const { signal } = exchange
      // The SDK's own method puts the text together on top, and fails where the body is not what it expects.
      return bodyOf(sdk, await heard(client.post('/responses', { body: params, signal }), exchange))
    },
    async stream({ params }, exchange) {
      const { signal } = exchange
      return unlessFailed(sdk, await heard(client.responses.create({ ...params, stream: true }, { signal }), exchange))
    },
    embed: vectorClient(sdk, client),
  }
}
