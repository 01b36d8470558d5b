import type { CoreReply, CoreRequest, LlmDriver, StreamPart } from '@aios/kernel'
import { check, fakeDriverCall } from '@aios/kernel/testing'
import type { LlmAbility, LlmGround, LlmScenario, LlmStage } from './llm-ground.js'

/** Is a case before it has a ground. */
export interface LlmCase {
  /** A sentence of behaviour. */
  readonly name: string
  readonly needs?: LlmAbility | undefined
  readonly scenario: LlmScenario
  prove(stage: LlmStage): Promise<void>
}

/** Is the request of cases that are about the answer. */
export const PLAIN_REQUEST: CoreRequest = { messages: [{ role: 'user', content: 'Say something.' }] }

/** Plays a case on a ground. */
export async function playCase({ scenario, prove }: LlmCase, ground: LlmGround): Promise<void> {
  const stage = await ground.stage(scenario)
  try {
    await prove(stage)
  } finally {
    await stage.close()
  }
}

/** Asks for a whole answer. */
export async function chat(driver: LlmDriver, request: CoreRequest, signal?: AbortSignal): Promise<CoreReply> {
  check(driver.chat !== undefined, 'This driver has no chat.')
  return driver.chat(request, fakeDriverCall(signal === undefined ? {} : { signal }))
}

/** Asks for a streamed answer. */
export function stream(driver: LlmDriver, request: CoreRequest, signal?: AbortSignal): AsyncIterator<StreamPart> {
  check(driver.stream !== undefined, 'This driver has no stream.')
  const parts = driver.stream(request, fakeDriverCall(signal === undefined ? {} : { signal }))
  return parts[Symbol.asyncIterator]()
}

/** Reads a stream to its end. */
export async function drain(parts: AsyncIterator<StreamPart>): Promise<StreamPart[]> {
  const read: StreamPart[] = []
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) read.push(next.value)
  return read
}

/** Reads until the first piece of text, which must come. */
export async function readToText(parts: AsyncIterator<StreamPart>): Promise<void> {
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    if (next.value.type === 'text-delta') return
  }
  check(false, 'Expected a piece of text before the end of the stream, got none.')
}

/** Joins the streamed pieces of one kind. */
export function streamedText(parts: readonly StreamPart[], type: 'text-delta' | 'reasoning-delta'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('')
}

/** Joins the text of a whole answer. */
export function repliedText(reply: CoreReply): string {
  return reply.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** Returns the last part of a stream, which must be its finish. */
export function finishOf(parts: readonly StreamPart[]): Extract<StreamPart, { readonly type: 'finish' }> {
  const last = parts.at(-1)
  check(last?.type === 'finish', `Expected the stream to end with "finish", got "${String(last?.type)}".`)
  return last
}

/** Asks both ways, where the driver has both, and returns what each rejected with. */
export async function rejections(
  { driver }: LlmStage,
  request: CoreRequest,
  signal?: AbortSignal,
): Promise<readonly unknown[]> {
  const asked: Promise<unknown>[] = []
  if (driver.chat !== undefined) asked.push(chat(driver, request, signal))
  if (driver.stream !== undefined) asked.push(drain(stream(driver, request, signal)))
  const outcomes = await Promise.allSettled(asked)
  return outcomes.map((outcome) => {
    check(outcome.status === 'rejected', 'Expected a rejection, got an answer.')
    return outcome.reason as unknown
  })
}

/** Compares by content and says what differs. */
export function checkSame(what: string, got: unknown, wanted: unknown): void {
  const [seen, expected] = [JSON.stringify(got), JSON.stringify(wanted)]
  check(seen === expected, `Expected ${what} to be ${expected}, got ${seen}.`)
}
