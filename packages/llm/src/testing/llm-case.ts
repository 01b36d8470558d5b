import type { CoreReply, CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel'
import { check, fakeDriverCall } from '@aios/kernel/testing'
import type { LlmAbility, LlmGround, LlmScenario, LlmStage } from './llm-ground.js'

/** Is a case before it has a ground. */
export interface LlmCase {
  /** A sentence of behaviour. */
  readonly name: string
  readonly needs?: LlmAbility | undefined
  /** Says why it does not apply to a driver; undefined if it does. Default: it applies to all. */
  readonly inapplicable?: ((driver: LlmDriver) => string | undefined) | undefined
  readonly scenario: LlmScenario
  prove(stage: LlmStage): Promise<void>
}

/** Is the request of cases that are about the answer. */
export const PLAIN_REQUEST: CoreRequest = { messages: [{ role: 'user', content: 'Say something.' }] }

/** Says why a case about streams does not apply to a driver. */
export function withoutStream({ id, stream }: LlmDriver): string | undefined {
  return stream === undefined ? `core ${id} has no stream` : undefined
}

/** Says why a case about calls that are given up does not apply to a driver. */
export function onlyBatches({ id, chat, stream }: LlmDriver): string | undefined {
  return chat === undefined && stream === undefined
    ? `core ${id} works in batches only, which go on without a call that is given up`
    : undefined
}

/** Plays a case on a ground. */
export async function playCase({ name, scenario, inapplicable, prove }: LlmCase, ground: LlmGround): Promise<void> {
  const stage = await ground.stage(scenario)
  try {
    const why = inapplicable?.(stage.driver)
    if (why === undefined) await prove(stage)
    else ground.leftOut?.(name, why)
  } finally {
    await stage.close()
  }
}

/** Asks for a whole answer. */
export async function chat(driver: LlmDriver, request: CoreRequest, signal?: AbortSignal): Promise<CoreReply> {
  check(driver.chat !== undefined, 'This driver has no chat.')
  return driver.chat(request, fakeDriverCall(signal === undefined ? {} : { signal }))
}

/** Asks for an answer in a batch of one. */
export async function batched(driver: LlmDriver, request: CoreRequest): Promise<CoreReply> {
  const row = driver.batches?.['llm.chat']
  check(row !== undefined, 'This driver has no batches.')
  return new Promise<CoreReply>((resolve, reject) => {
    const leftOpen = (): void => {
      reject(new Error('Expected the batch to settle its call before it ends.'))
    }
    const run = async (): Promise<void> => row.run([{ request, call: fakeDriverCall(), resolve, reject }])
    run().then(leftOpen, reject)
  })
}

/** Asks for a streamed answer. */
export function stream(
  driver: LlmDriver,
  request: CoreRequest,
  call: DriverCall = fakeDriverCall(),
): AsyncIterator<StreamPart> {
  check(driver.stream !== undefined, 'This driver has no stream.')
  return driver.stream(request, call)[Symbol.asyncIterator]()
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

/** Asks every way the driver has, and returns what each rejected with; with a signal, only in the ways that heed it. */
export async function rejections(
  { driver }: LlmStage,
  request: CoreRequest,
  signal?: AbortSignal,
): Promise<readonly unknown[]> {
  const asked: Promise<unknown>[] = []
  if (driver.chat !== undefined) asked.push(chat(driver, request, signal))
  if (driver.stream !== undefined)
    asked.push(drain(stream(driver, request, fakeDriverCall(signal === undefined ? {} : { signal }))))
  if (driver.batches?.['llm.chat'] !== undefined && signal === undefined) asked.push(batched(driver, request))
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
