/** Plays the scenarios of the conformance suite through a model of the AI SDK that has its shape alone. */
import { fakeDriverServices } from '@aios/kernel/testing'
import { fromAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { EventEmitter, once } from 'node:events'
import { apiCallError, languageModel, sdkFinish, sdkUsage, type Fields } from './structural-model.js'

const STATUS: Readonly<Record<string, number>> = {
  AIOS_LLM_AUTH: 401,
  AIOS_LLM_PERMISSION: 403,
  AIOS_LLM_NOT_FOUND: 404,
  AIOS_LLM_CONTEXT_OVERFLOW: 400,
  AIOS_LLM_CONTENT_FILTER: 400,
  AIOS_LLM_RATE_LIMIT: 429,
  AIOS_LLM_OVERLOADED: 529,
  AIOS_LLM_SERVER: 500,
}
const CODE: Readonly<Record<string, string>> = {
  AIOS_LLM_CONTEXT_OVERFLOW: 'context_length_exceeded',
  AIOS_LLM_CONTENT_FILTER: 'content_filter',
}

function failed({ code, retryAfterMs }: NonNullable<LlmScenario['failure']>): Error {
  return apiCallError({
    statusCode: STATUS[code] ?? 400,
    data: { error: { message: 'As the case demands.', code: CODE[code] } },
    responseHeaders: retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1_000) },
  })
}

const wireName = (name: string): string => name.replaceAll(/[^\w-]/g, '_')

const calls = ({ toolCalls = [] }: LlmScenario): (Fields & { input: string })[] =>
  toolCalls.map(({ name, inputText }, n) => ({
    type: 'tool-call',
    toolCallId: `call_${n}`,
    toolName: wireName(name),
    input: inputText,
  }))

function closing(spec: AiSdkSpec, { finish, toolCalls = [], usage }: LlmScenario) {
  const reason = finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop')
  return { finishReason: sdkFinish(spec, reason), usage: sdkUsage(spec, usage) }
}

function generated(spec: AiSdkSpec, scenario: LlmScenario): Fields {
  const { reasoning, tokens = [] } = scenario
  return {
    content: [
      ...(reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning }]),
      ...(tokens.length === 0 ? [] : [{ type: 'text', text: tokens.join('') }]),
      ...calls(scenario),
    ],
    ...closing(spec, scenario),
    warnings: [],
  }
}

function* streamed(spec: AiSdkSpec, scenario: LlmScenario): Generator<Fields> {
  const { reasoning, tokens = [] } = scenario
  yield { type: 'stream-start', warnings: [] }
  yield { type: 'response-metadata', id: 'r1', modelId: 'test-1', timestamp: new Date(0) }
  if (reasoning !== undefined) {
    yield { type: 'reasoning-start', id: '0' }
    yield { type: 'reasoning-delta', id: '0', delta: reasoning }
    yield { type: 'reasoning-end', id: '0' }
  }
  if (tokens.length > 0) yield { type: 'text-start', id: '0' }
  for (const delta of tokens) yield { type: 'text-delta', id: '0', delta }
  if (scenario.ending !== undefined) return
  if (tokens.length > 0) yield { type: 'text-end', id: '0' }
  for (const call of calls(scenario)) {
    const id = call['toolCallId']
    yield { type: 'tool-input-start', id, toolName: call['toolName'] }
    yield { type: 'tool-input-delta', id, delta: call.input.slice(0, 4) }
    yield { type: 'tool-input-delta', id, delta: call.input.slice(4) }
    yield { type: 'tool-input-end', id }
    yield call
  }
  yield { type: 'finish', ...closing(spec, scenario) }
}

/** What `fetch` throws where a connection is lost. */
const lost = () =>
  new TypeError('terminated', { cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }) })

export function aiSdkGround(spec: AiSdkSpec): LlmGround {
  return {
    async stage(scenario) {
      const changes = new EventEmitter()
      let open = 0
      const change = (by: number) => {
        open += by
        changes.emit('change')
      }
      const hang = (signal: AbortSignal) =>
        new Promise<never>((_, reject) => {
          const end = () => {
            reject(signal.reason as Error)
          }
          if (signal.aborted) end()
          else signal.addEventListener('abort', end)
        })
      const { model, asked } = languageModel({
        spec,
        async generate({ abortSignal }) {
          change(1)
          try {
            if (scenario.failure !== undefined) throw failed(scenario.failure)
            return scenario.ending === 'hang' ? await hang(abortSignal!) : generated(spec, scenario)
          } finally {
            change(-1)
          }
        },
        stream(write) {
          if (scenario.failure !== undefined) return Promise.reject(failed(scenario.failure))
          change(1)
          for (const part of streamed(spec, scenario)) write(part)
          return scenario.ending === 'drop' ? lost() : scenario.ending
        },
        left: () => {
          change(-1)
        },
      })
      const until = async (isSo: () => boolean) => {
        while (!isSo()) await once(changes, 'change')
      }
      const driver = fromAiSdk(model)
      await driver.open?.(fakeDriverServices())
      return {
        driver,
        requests: () => asked.length,
        received: (count) => until(() => asked.length >= count),
        released: () => until(() => open === 0),
        close: async () => driver.close?.(),
      }
    },
  }
}
export const AI_SDK_GROUNDS = (['v2', 'v3', 'v4'] as const).map((spec) => ({ spec, ground: aiSdkGround(spec) }))
