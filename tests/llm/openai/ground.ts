/** Plays the scenarios of the conformance suite the way OpenAI's chat completions says them. */
import type { LlmDriver } from '@aios/kernel'
import { openai, type OpenAiOptions } from '@aios/llm/openai'
import type { LlmGround, LlmScenario, LlmScenarioUsage } from '@aios/llm/testing'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { providerGround } from '../core/provider-ground.js'
import { EVENT_STREAM, json, type Body, type Play } from '../core/provider.js'
import { chunk, completion } from './completions.js'

const STATUS: Readonly<Record<string, { readonly status: number; readonly code?: string }>> = {
  AIOS_LLM_AUTH: { status: 401, code: 'invalid_api_key' },
  AIOS_LLM_PERMISSION: { status: 403 },
  AIOS_LLM_NOT_FOUND: { status: 404, code: 'model_not_found' },
  AIOS_LLM_BAD_REQUEST: { status: 400 },
  AIOS_LLM_CONTEXT_OVERFLOW: { status: 400, code: 'context_length_exceeded' },
  AIOS_LLM_CONTENT_FILTER: { status: 400, code: 'content_filter' },
  AIOS_LLM_RATE_LIMIT: { status: 429, code: 'rate_limit_exceeded' },
  AIOS_LLM_OVERLOADED: { status: 503 },
  AIOS_LLM_SERVER: { status: 500 },
}
const FINISH = { length: 'length', 'content-filter': 'content_filter' } as const

export const wireName = (name: string): string => name.replaceAll(/[^\w-]/g, '_')

/** What the provider answers with for a failure of the suite. */
export function wireFailure({ code, retryAfterMs }: NonNullable<LlmScenario['failure']>) {
  const { status, code: wireCode } = STATUS[code]!
  const headers: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1000) }
  return { status, headers, error: { message: 'As the case demands.', type: 'test', code: wireCode ?? null } }
}

export function wireUsage({ input, output, cacheRead, reasoning }: LlmScenarioUsage): Body {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cacheRead === undefined ? {} : { prompt_tokens_details: { cached_tokens: cacheRead } }),
    ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  }
}

function wireCalls({ toolCalls = [] }: LlmScenario) {
  return toolCalls.map(({ name, inputText }, index) => ({
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name: wireName(name), arguments: inputText },
  }))
}

function finishOf({ finish, toolCalls = [] }: LlmScenario): string {
  if (finish !== undefined) return FINISH[finish]
  return toolCalls.length > 0 ? 'tool_calls' : 'stop'
}

function whole(scenario: LlmScenario): Body {
  const calls = wireCalls(scenario).map(({ index: _, ...call }) => call)
  const message = {
    content: scenario.tokens?.join('') ?? null,
    ...(scenario.reasoning === undefined ? {} : { reasoning_content: scenario.reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  const usage = scenario.usage === undefined ? {} : { usage: wireUsage(scenario.usage) }
  return completion(message, finishOf(scenario), usage)
}

/** The first half of the arguments travels with the name, the second on its own. */
function callChunks(scenario: LlmScenario): Body[] {
  return wireCalls(scenario).flatMap((call) => {
    const { name, arguments: text } = call.function
    const half = Math.floor(text.length / 2)
    const first = { ...call, function: { name, arguments: text.slice(0, half) } }
    const second = { index: call.index, function: { arguments: text.slice(half) } }
    return [chunk({ tool_calls: [first] }), chunk({ tool_calls: [second] })]
  })
}

function spoken(scenario: LlmScenario): Body[] {
  const reasoning = scenario.reasoning === undefined ? [] : [chunk({ reasoning_content: scenario.reasoning })]
  return [
    chunk({ role: 'assistant', content: '' }),
    ...reasoning,
    ...(scenario.tokens ?? []).map((content) => chunk({ content })),
  ]
}

async function playStream(response: ServerResponse, scenario: LlmScenario): Promise<void> {
  const send = (data: unknown) => response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
  if (scenario.ending === 'hang' && scenario.tokens === undefined) return
  response.writeHead(200, EVENT_STREAM)
  for (const one of spoken(scenario)) send(one)
  if (scenario.ending === 'hang') return
  if (scenario.ending === 'cut') return void response.end()
  if (scenario.ending === 'drop') {
    // What was written must be on its way before the connection goes.
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
    return void response.destroy()
  }
  for (const one of callChunks(scenario)) send(one)
  send(chunk({}, finishOf(scenario)))
  if (scenario.usage !== undefined) send({ id: 'chatcmpl-1', choices: [], usage: wireUsage(scenario.usage) })
  send('[DONE]')
  response.end()
}

/** What is left to say of a text whose beginning the request tells. */
function leftOf({ tokens = [], ...scenario }: LlmScenario, body: Body): LlmScenario {
  const { content, prefix } = (
    body['messages'] as readonly { readonly content: string; readonly prefix?: boolean }[]
  ).at(-1)!
  if (body['continue_final_message'] !== true && prefix !== true) return { ...scenario, tokens }
  const text = tokens.join('')
  if (!text.startsWith(content)) throw new Error(`Expected the beginning of the answer, got "${content}".`)
  return { ...scenario, tokens: [text.slice(content.length)] }
}

export function playScenario(scenario: LlmScenario): Play {
  return (response, { body }) => {
    if (scenario.failure !== undefined) {
      const { error, ...rest } = wireFailure(scenario.failure)
      return json(response, { error }, rest)
    }
    if (body['stream'] === true) return playStream(response, leftOf(scenario, body))
    return scenario.ending === 'hang' ? undefined : json(response, whole(scenario))
  }
}

/** A core that speaks chat completions, in front of our own provider. */
export const chatGroundOf = (make: (baseURL: string) => LlmDriver): LlmGround => providerGround(playScenario, make)

/** The openai core, with options of its own. */
export const openAiGroundOf = (options: OpenAiOptions = {}): LlmGround =>
  chatGroundOf((baseURL) => openai('test-1', { baseURL, apiKey: 'sk-conformance', ...options }))

/** The openai core. */
export const openAiGround: LlmGround = openAiGroundOf()
