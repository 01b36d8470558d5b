/** Plays the scenarios of the conformance suite the way Anthropic's Messages API says them. */
import { anthropic, type AnthropicOptions } from '@aios/llm/anthropic'
import type { LlmGround, LlmScenario, LlmScenarioUsage } from '@aios/llm/testing'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { providerGround } from '../core/provider-ground.js'
import { EVENT_STREAM, json, type Body, type Play } from '../core/provider.js'
import { closes, frame, message, opens, piece, refusal, start, text } from './messages.js'

const STATUS: Readonly<Record<string, { readonly status: number; readonly type: string }>> = {
  AIOS_LLM_AUTH: { status: 401, type: 'authentication_error' },
  AIOS_LLM_PERMISSION: { status: 403, type: 'permission_error' },
  AIOS_LLM_NOT_FOUND: { status: 404, type: 'not_found_error' },
  AIOS_LLM_BAD_REQUEST: { status: 400, type: 'invalid_request_error' },
  AIOS_LLM_CONTEXT_OVERFLOW: { status: 413, type: 'request_too_large' },
  // The API itself answers with a refusal, 200; gateways with filters of their own name it so.
  AIOS_LLM_CONTENT_FILTER: { status: 400, type: 'content_filter' },
  AIOS_LLM_RATE_LIMIT: { status: 429, type: 'rate_limit_error' },
  AIOS_LLM_OVERLOADED: { status: 529, type: 'overloaded_error' },
  AIOS_LLM_SERVER: { status: 500, type: 'api_error' },
}
export const STOP_REASONS = { length: 'max_tokens', 'content-filter': 'refusal' } as const

export const wireName = (name: string): string => name.replaceAll(/[^\w-]/g, '_')

/** What the provider answers with for a failure of the suite. */
export function wireFailure({ code, retryAfterMs }: NonNullable<LlmScenario['failure']>) {
  const { status, type } = STATUS[code]!
  const headers: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1000) }
  return { status, type, headers, body: refusal(type) }
}

function wireUsage(usage: LlmScenarioUsage | undefined): Body | undefined {
  if (usage === undefined) return undefined
  const { input, output, cacheRead, reasoning } = usage
  return {
    input_tokens: input - (cacheRead ?? 0),
    output_tokens: output,
    ...(cacheRead === undefined ? {} : { cache_read_input_tokens: cacheRead, cache_creation_input_tokens: 0 }),
    ...(reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

export function stopReasonOf({ finish, toolCalls = [] }: LlmScenario): string {
  if (finish !== undefined) return STOP_REASONS[finish]
  return toolCalls.length > 0 ? 'tool_use' : 'end_turn'
}

/** The API parses arguments; where it cannot, the text itself is all there is. */
function inputOf(inputText: string): unknown {
  try {
    return JSON.parse(inputText) as unknown
  } catch {
    return inputText
  }
}

const callBlock = (name: string, index: number, input: unknown): Body => ({
  type: 'tool_use',
  id: `toolu_${index}`,
  name: wireName(name),
  input,
})

function whole(scenario: LlmScenario): Body {
  const { tokens, reasoning, toolCalls = [] } = scenario
  const blocks = [
    ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: 'sig' }]),
    ...(tokens === undefined ? [] : [text(tokens.join(''))]),
    ...toolCalls.map(({ name, inputText }, index) => callBlock(name, index, inputOf(inputText))),
  ]
  return message(blocks, stopReasonOf(scenario), { usage: wireUsage(scenario.usage) })
}

/** Writes blocks up to the last token; the block of the text is left open. */
function spoken({ tokens, reasoning }: LlmScenario): Body[] {
  const thought =
    reasoning === undefined
      ? []
      : [
          opens(0, { type: 'thinking', thinking: '', signature: '' }),
          piece(0, { type: 'thinking_delta', thinking: reasoning }),
          piece(0, { type: 'signature_delta', signature: 'sig' }),
          closes(0),
        ]
  const said = (tokens ?? []).map((one) => piece(1, { type: 'text_delta', text: one }))
  return [...thought, ...(tokens === undefined ? [] : [opens(1, text('')), { type: 'ping' }, ...said])]
}

/** The arguments come in two pieces. */
function called({ toolCalls = [] }: LlmScenario): Body[] {
  return toolCalls.flatMap(({ name, inputText }, n) => {
    const index = n + 2
    const half = Math.floor(inputText.length / 2)
    const halves = [inputText.slice(0, half), inputText.slice(half)]
    return [
      opens(index, callBlock(name, n, {})),
      ...halves.map((half) => piece(index, { type: 'input_json_delta', partial_json: half })),
      closes(index),
    ]
  })
}

async function playStream(response: ServerResponse, scenario: LlmScenario): Promise<void> {
  const { ending, tokens } = scenario
  if (ending === 'hang' && tokens === undefined) return
  const usage = wireUsage(scenario.usage)
  const send = (event: Body) => response.write(frame(event))
  response.writeHead(200, EVENT_STREAM)
  send(start({ usage: usage === undefined ? undefined : { ...usage, output_tokens: 1 } }))
  for (const event of spoken(scenario)) send(event)
  if (ending === 'hang') return
  if (ending === 'cut') return void response.end()
  if (ending === 'drop') {
    // What was written must be on its way before the connection goes.
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
    return void response.destroy()
  }
  if (tokens !== undefined) send(closes(1))
  for (const event of called(scenario)) send(event)
  send({ type: 'message_delta', delta: { stop_reason: stopReasonOf(scenario), stop_sequence: null }, usage })
  send({ type: 'message_stop' })
  response.end()
}

/** What is left to say of a text whose beginning the request tells. */
function leftOf({ tokens = [], ...scenario }: LlmScenario, body: Body): LlmScenario {
  const turns = body['messages'] as readonly { readonly role: string; readonly content: readonly Body[] }[]
  const last = turns.at(-1)!
  if (last.role !== 'assistant') return { ...scenario, tokens }
  const begun = last.content.map((block) => block['text']).join('')
  const all = tokens.join('')
  if (!all.startsWith(begun)) throw new Error(`Expected the beginning of the answer, got "${begun}".`)
  return { ...scenario, tokens: [all.slice(begun.length)] }
}

export function playScenario(scenario: LlmScenario): Play {
  return (response, { body }) => {
    if (scenario.failure !== undefined) {
      const { body: error, status, headers } = wireFailure(scenario.failure)
      return json(response, error, { status, headers })
    }
    const said = scenario.tokens === undefined ? scenario : leftOf(scenario, body)
    if (body['stream'] === true) return playStream(response, said)
    return scenario.ending === 'hang' ? undefined : json(response, whole(said))
  }
}

/** The anthropic core, with options of its own, in front of our own provider. */
export const anthropicGroundOf = (options: AnthropicOptions = {}): LlmGround =>
  providerGround(playScenario, (baseURL) => anthropic('test-1', { baseURL, apiKey: 'sk-conformance', ...options }))

/** The anthropic core in front of our own provider. */
export const anthropicGround: LlmGround = anthropicGroundOf()
