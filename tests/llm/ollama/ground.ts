/** Plays the scenarios of the conformance suite the way Ollama's own API says them. */
import { ollama } from '@aios/llm/ollama'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { providerGround } from '../core/provider-ground.js'
import { json, type Body, type Play } from '../core/provider.js'
import { called, done, line, NDJSON } from './lines.js'

const STATUS: Readonly<Record<string, number>> = {
  AIOS_LLM_AUTH: 401,
  AIOS_LLM_PERMISSION: 403,
  AIOS_LLM_NOT_FOUND: 404,
  AIOS_LLM_BAD_REQUEST: 400,
  AIOS_LLM_CONTEXT_OVERFLOW: 413,
  AIOS_LLM_RATE_LIMIT: 429,
  AIOS_LLM_OVERLOADED: 503,
  AIOS_LLM_SERVER: 500,
}

export const wireName = (name: string): string => name.replaceAll(/[^\w-]/g, '_')

/** What the server answers with for a failure of the suite; only a gateway before it has a name for a filter. */
function wireFailure({ code, retryAfterMs }: NonNullable<LlmScenario['failure']>) {
  const headers: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1000) }
  const isFilter = code === 'AIOS_LLM_CONTENT_FILTER'
  const error = isFilter ? { message: 'As the case demands.', code: 'content_filter' } : 'As the case demands.'
  return { status: STATUS[code] ?? 400, headers, error }
}

/** Arguments are objects; text that is no JSON comes from servers that imitate Ollama. */
function wireCalls({ toolCalls = [] }: LlmScenario): Body[] {
  return toolCalls.map(({ name, inputText }) => {
    try {
      return called(wireName(name), JSON.parse(inputText))
    } catch {
      return called(wireName(name), inputText)
    }
  })
}

function counts({ usage, finish }: LlmScenario): Body {
  return {
    done_reason: finish === 'length' ? 'length' : 'stop',
    prompt_eval_count: usage?.input,
    eval_count: usage?.output,
  }
}

function whole(scenario: LlmScenario): Body {
  const calls = wireCalls(scenario)
  const thinking = scenario.reasoning === undefined ? {} : { thinking: scenario.reasoning }
  const message = {
    content: scenario.tokens?.join('') ?? '',
    ...thinking,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  return done(message, counts(scenario))
}

async function playStream(response: ServerResponse, scenario: LlmScenario): Promise<void> {
  const send = (body: Body) => response.write(`${JSON.stringify(body)}\n`)
  if (scenario.ending === 'hang' && scenario.tokens === undefined) return
  response.writeHead(200, NDJSON)
  if (scenario.reasoning !== undefined) send(line({ thinking: scenario.reasoning }))
  for (const content of scenario.tokens ?? []) send(line({ content }))
  if (scenario.ending === 'hang') return
  if (scenario.ending === 'cut') return void response.end()
  if (scenario.ending === 'drop') {
    // What was written must be on its way before the connection goes.
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
    return void response.destroy()
  }
  for (const call of wireCalls(scenario)) send(line({ tool_calls: [call] }))
  send(done({}, counts(scenario)))
  response.end()
}

export function playScenario(scenario: LlmScenario): Play {
  return (response, { body }) => {
    if (scenario.failure !== undefined) {
      const { error, ...rest } = wireFailure(scenario.failure)
      return json(response, { error }, rest)
    }
    if (body['stream'] === true) return playStream(response, scenario)
    return scenario.ending === 'hang' ? undefined : json(response, whole(scenario))
  }
}

/** The ollama core in front of our own provider. */
export const ollamaGround: LlmGround = providerGround(
  playScenario,
  (baseURL) => ollama('test-1', { baseURL: new URL(baseURL).origin }),
  // Ollama counts neither cached tokens nor those of thinking.
  ['detailed-usage'],
)
