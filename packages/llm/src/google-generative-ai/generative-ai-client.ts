import type { Endpoint } from '../core/endpoint.js'
import type { VendorClient } from '../core/protocol.js'
import { AnswerRefusal, checkAnswered } from '../gemini/answer-refusal.js'
import type { EmbedBody } from '../gemini/embedding.js'
import { begunStream } from '../gemini/event-stream.js'
import { API_VERSION, type GeminiOptions } from '../gemini/gemini-options.js'
import type { GenerateWire } from '../gemini/generate-request.js'
import type { GenerativeAiSdk } from './sdk.js'

type Model = ReturnType<InstanceType<GenerativeAiSdk['GoogleGenerativeAI']>['getGenerativeModel']>
type SdkEmbedRequest = Parameters<Model['batchEmbedContents']>[0]['requests'][number]
type SdkRequest = Exclude<Parameters<Model['generateContent']>[0], string | readonly unknown[]>

/** The package insists on a key. */
const NO_KEY = 'none'

/** Its types end where its support did; what it is handed, it sends. */
const sdkRequest = ({ params }: GenerateWire): SdkRequest => ({ ...params }) as unknown as SdkRequest

/** Speaks Gemini's API through `@google/generative-ai`. */
export function generativeAiClient(
  sdk: GenerativeAiSdk,
  endpoint: Endpoint,
  options: Omit<GeminiOptions, 'fetch'>,
): VendorClient<GenerateWire> {
  const { apiVersion = API_VERSION, headers } = options
  const client = new sdk.GoogleGenerativeAI(endpoint.apiKey ?? NO_KEY)
  const transport = {
    baseUrl: endpoint.baseURL.replace(/\/+$/, ''),
    apiVersion,
    ...(headers === undefined ? {} : { customHeaders: { ...headers } }),
  }
  const modelOf = ({ model }: Pick<GenerateWire, 'model'>): Model => client.getGenerativeModel({ model }, transport)
  const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof sdk.GoogleGenerativeAIFetchError)) throw error
      const { status, message, errorDetails } = error
      throw new AnswerRefusal({ status, body: { message, details: errorDetails }, cause: error })
    }
  }
  return {
    async chat(wire, { signal }) {
      const { response } = await asked(() => modelOf(wire).generateContent(sdkRequest(wire), { signal }))
      checkAnswered(response)
      return response
    },
    async stream(wire, { signal }) {
      const { stream, response } = await asked(() => modelOf(wire).generateContentStream(sdkRequest(wire), { signal }))
      // It gathers the whole answer a second time; left alone, its rejection would end the process.
      response.catch(() => undefined)
      return begunStream(stream, (error) => error)
    },
    async embed(wire, { signal }) {
      const { model, requests } = wire.params as EmbedBody
      const body = { requests: requests as unknown as SdkEmbedRequest[] }
      const answer: unknown = await asked(() => modelOf({ model }).batchEmbedContents(body, { signal }))
      checkAnswered(answer)
      return answer
    },
    async count(wire, { signal }) {
      const model = modelOf(wire)
      const generateContentRequest = { ...sdkRequest(wire), model: model.model }
      const { totalTokens } = await asked(() => model.countTokens({ generateContentRequest }, { signal }))
      return totalTokens
    },
  }
}
