/** Asks cores without a kernel. */
import type { CoreReply, CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'

export const HELLO: CoreRequest = { messages: [{ role: 'user', content: 'Hello?' }] }

export async function chat(
  driver: LlmDriver,
  request = HELLO,
  call: DriverCall = fakeDriverCall(),
): Promise<CoreReply> {
  return driver.chat!(request, call)
}

export function parts(
  driver: LlmDriver,
  request = HELLO,
  call: DriverCall = fakeDriverCall(),
): AsyncIterator<StreamPart> {
  return driver.stream!(request, call)[Symbol.asyncIterator]()
}

export async function drained(iterator: AsyncIterator<StreamPart>): Promise<StreamPart[]> {
  const read: StreamPart[] = []
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(next.value)
  return read
}

export const streamed = (driver: LlmDriver, request = HELLO, call?: DriverCall): Promise<StreamPart[]> =>
  drained(parts(driver, request, call))

export const textOf = (read: readonly StreamPart[]): string =>
  read.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')

/** Returns what a promise rejected with. */
export async function failure<E = Error & { readonly code: string }>(promise: Promise<unknown>): Promise<E> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a rejection, got ${JSON.stringify(value)}.`)
    },
    (error: unknown) => error as E,
  )
}

/** A `fetch` that answers without a network, and keeps what it was asked. */
export function fakeFetch(answer: (body: Record<string, unknown>) => Response | Promise<Response>) {
  const asked: { url: string; headers: Headers; body: Record<string, unknown> }[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(init?.body as string) as Record<string, unknown>
    asked.push({ url: String(input instanceof Request ? input.url : input), headers: new Headers(init?.headers), body })
    return answer(body)
  }
  return { fetch, asked }
}

export const jsonResponse = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
