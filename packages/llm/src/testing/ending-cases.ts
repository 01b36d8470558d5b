import { AiosError, type StreamPart } from '@aios/kernel'
import { check, fakeDriverCall } from '@aios/kernel/testing'
import {
  chat,
  checkSame,
  drain,
  onlyBatches,
  PLAIN_REQUEST,
  readToText,
  rejections,
  stream,
  streamedText,
  withoutStream,
  type LlmCase,
} from './llm-case.js'
import type { LlmScenarioFailure, LlmStage } from './llm-ground.js'

const FAILURES: readonly LlmScenarioFailure[] = [
  { code: 'AIOS_LLM_AUTH' },
  { code: 'AIOS_LLM_PERMISSION' },
  { code: 'AIOS_LLM_NOT_FOUND' },
  { code: 'AIOS_LLM_BAD_REQUEST' },
  { code: 'AIOS_LLM_CONTEXT_OVERFLOW' },
  { code: 'AIOS_LLM_CONTENT_FILTER' },
  { code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 2_000 },
  { code: 'AIOS_LLM_OVERLOADED' },
  { code: 'AIOS_LLM_SERVER' },
]

/** Is what a caller gives up with: no error of ours, so that only passing it on untouched makes it come back. */
const REASON = Symbol('the caller changed its mind')

function checkCode(error: unknown, code: string): asserts error is AiosError {
  const got = AiosError.is(error) ? error.code : String(error)
  check(AiosError.is(error) && error.code === code, `Expected a rejection with ${code}, got ${got}.`)
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('Expected a rejection, got an answer.')
}

const ways = ({ driver }: LlmStage): number =>
  (driver.chat === undefined ? 0 : 1) + (driver.stream === undefined ? 0 : 1)

/** Reads a stream that fails, and returns what came before. */
async function readToFailure(parts: AsyncIterator<StreamPart>): Promise<{ parts: StreamPart[]; error: unknown }> {
  const read: StreamPart[] = []
  try {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) read.push(next.value)
  } catch (error) {
    return { parts: read, error }
  }
  throw new Error('Expected the stream to fail, got an end.')
}

async function breaksOff(stage: LlmStage, code: string): Promise<void> {
  const { parts, error } = await readToFailure(stream(stage.driver, PLAIN_REQUEST))
  checkCode(error, code)
  checkSame('the text before', streamedText(parts, 'text-delta'), 'Once upon')
  check(!parts.some((part) => part.type === 'finish'), 'Expected no finish of an answer that broke off.')
}

/** Holds the cases about how an answer ends before its time. */
export const ENDING_CASES: readonly LlmCase[] = [
  ...FAILURES.map((failure): LlmCase => ({
    name: `the provider's error becomes ${failure.code}, before any part`,
    scenario: { failure },
    async prove(stage: LlmStage): Promise<void> {
      for (const error of await rejections(stage, PLAIN_REQUEST)) {
        checkCode(error, failure.code)
        if (failure.retryAfterMs !== undefined) checkSame('the wait', error.retryAfterMs, failure.retryAfterMs)
      }
      if (stage.driver.stream === undefined) return
      const { parts } = await readToFailure(stream(stage.driver, PLAIN_REQUEST))
      checkSame('the parts before the error', parts, [])
    },
  })),
  {
    name: 'a signal that has aborted already stops the call before it reaches the provider',
    inapplicable: onlyBatches,
    scenario: { tokens: ['Never sent.'] },
    async prove(stage: LlmStage): Promise<void> {
      for (const error of await rejections(stage, PLAIN_REQUEST, AbortSignal.abort(REASON))) {
        check(error === REASON, `Expected the signal's reason, got ${String(error)}.`)
      }
      checkSame('the number of requests', stage.requests(), 0)
    },
  },
  {
    name: "an abort before the first part rejects with the signal's reason and lets the provider go",
    needs: 'hang',
    inapplicable: onlyBatches,
    scenario: { ending: 'hang' },
    async prove(stage: LlmStage): Promise<void> {
      const controller = new AbortController()
      const asked = rejections(stage, PLAIN_REQUEST, controller.signal)
      await stage.received(ways(stage))
      controller.abort(REASON)
      for (const error of await asked) check(error === REASON, `Expected the signal's reason, got ${String(error)}.`)
      await stage.released()
    },
  },
  {
    name: "pieces are passed on as they come, and an abort between them rejects with the signal's reason",
    needs: 'hang',
    scenario: { tokens: ['Once', ' upon'], ending: 'hang' },
    inapplicable: withoutStream,
    async prove(stage: LlmStage): Promise<void> {
      const controller = new AbortController()
      const parts = stream(stage.driver, PLAIN_REQUEST, fakeDriverCall({ signal: controller.signal }))
      await readToText(parts)
      const rest = rejection(drain(parts))
      controller.abort(REASON)
      const error = await rest
      check(error === REASON, `Expected the signal's reason, got ${String(error)}.`)
      await stage.released()
    },
  },
  {
    name: 'leaving the loop lets the provider go',
    needs: 'hang',
    scenario: { tokens: ['Once', ' upon'], ending: 'hang' },
    inapplicable: withoutStream,
    async prove(stage: LlmStage): Promise<void> {
      const parts = stream(stage.driver, PLAIN_REQUEST)
      await readToText(parts)
      await parts.return?.()
      const next = await parts.next()
      check(next.done === true, 'Expected no part after the loop was left.')
      await stage.released()
    },
  },
  {
    name: 'a stream that ends before the answer does is incomplete',
    needs: 'cut',
    scenario: { tokens: ['Once', ' upon'], ending: 'cut' },
    inapplicable: withoutStream,
    prove: (stage) => breaksOff(stage, 'AIOS_LLM_INCOMPLETE_STREAM'),
  },
  {
    name: 'a lost connection in the middle of a stream is a network error',
    needs: 'drop',
    scenario: { tokens: ['Once', ' upon'], ending: 'drop' },
    inapplicable: withoutStream,
    prove: (stage) => breaksOff(stage, 'AIOS_LLM_NETWORK'),
  },
  {
    name: 'closing twice is closing once',
    scenario: { tokens: ['Hello'] },
    async prove({ driver }: LlmStage): Promise<void> {
      if (driver.chat !== undefined) await chat(driver, PLAIN_REQUEST)
      await driver.close?.()
      await driver.close?.()
    },
  },
]
