/** Plays the scenarios of the conformance suite the way OpenAI's Responses API says them. */
import { openai } from '@aios/llm/openai'
import type { LlmGround, LlmScenario, LlmScenarioUsage } from '@aios/llm/testing'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { providerGround } from '../../core/provider-ground.js'
import { EVENT_STREAM, json, type Body, type Play } from '../../core/provider.js'
import { wireFailure, wireName } from '../ground.js'
import { frame, functionCall, itemEvents, message, reasoning, response } from './events.js'

const REASONS = { length: 'max_output_tokens', 'content-filter': 'content_filter' } as const

export function responseUsage({ input, output, cacheRead, reasoning: thought }: LlmScenarioUsage): Body {
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    ...(cacheRead === undefined ? {} : { input_tokens_details: { cached_tokens: cacheRead } }),
    ...(thought === undefined ? {} : { output_tokens_details: { reasoning_tokens: thought } }),
  }
}

function outputOf({ tokens, reasoning: thought, toolCalls = [] }: LlmScenario): Body[] {
  return [
    ...(thought === undefined ? [] : [reasoning([thought], 'gAAA')]),
    ...(tokens === undefined ? [] : [message(tokens.join(''))]),
    ...toolCalls.map(({ name, inputText }, n) => functionCall(wireName(name), inputText, n)),
  ]
}

function whole(scenario: LlmScenario): Body {
  const { finish, usage } = scenario
  return response(outputOf(scenario), {
    ...(finish === undefined ? {} : { status: 'incomplete', incomplete_details: { reason: REASONS[finish] } }),
    ...(usage === undefined ? {} : { usage: responseUsage(usage) }),
  })
}

async function playStream(answer: ServerResponse, scenario: LlmScenario): Promise<void> {
  const send = (event: Body) => answer.write(frame(event))
  const { tokens = [], ending } = scenario
  if (ending === 'hang' && scenario.tokens === undefined) return
  answer.writeHead(200, EVENT_STREAM)
  const done = whole(scenario)
  send({ type: 'response.created', response: { ...done, status: 'in_progress', output: [] } })
  for (const [index, item] of (done['output'] as readonly Body[]).entries()) {
    const isCut = ending !== undefined && item['type'] === 'message'
    const sent = itemEvents(item, index, tokens)
    for (const event of isCut ? sent.slice(0, -2) : sent) send(event)
    if (!isCut) continue
    if (ending === 'hang') return
    if (ending === 'cut') return void answer.end()
    // What was written must be on its way before the connection goes.
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
    return void answer.destroy()
  }
  send({ type: `response.${String(done['status'])}`, response: done })
  answer.end()
}

export function playScenario(scenario: LlmScenario): Play {
  return (answer, { body }) => {
    if (scenario.failure !== undefined) {
      const { error, ...rest } = wireFailure(scenario.failure)
      return json(answer, { error }, rest)
    }
    if (body['stream'] === true) return playStream(answer, scenario)
    return scenario.ending === 'hang' ? undefined : json(answer, whole(scenario))
  }
}

/** The openai core by responses, in front of our own provider. */
export const responsesGround: LlmGround = providerGround(playScenario, (baseURL) =>
  openai('test-1', { api: 'responses', baseURL, apiKey: 'sk-conformance' }),
)
