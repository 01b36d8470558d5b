import type { Exchange } from './protocol.js'

/** Is the part of a vendor SDK's promise that is needed; its headers come before its body. */
interface SdkAnswer<T> extends PromiseLike<T> {
  asResponse(): Promise<Pick<Response, 'headers'>>
}

/** Waits for an answer of an SDK, and passes on its headers as soon as they are there. */
export async function heard<T>(answer: SdkAnswer<T>, exchange: Exchange): Promise<T> {
  const { headers } = await answer.asResponse()
  exchange.heard(headers)
  return answer
}
