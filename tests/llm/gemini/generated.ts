/** Makes what Gemini's API answers with. */
import type { LlmScenario, LlmScenarioUsage } from '@aios/llm/testing'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { EVENT_STREAM, json, type Body, type Play } from '../core/provider.js'

export interface Said {
  readonly parts?: readonly Body[]
  readonly finish?: string
  readonly usage?: Body
  readonly candidate?: Body
}

/** A response, or one chunk of a streamed one. */
export function generated({ parts = [], finish, usage, candidate = {} }: Said = {}): Body {
  const finishReason = finish === undefined ? {} : { finishReason: finish }
  return {
    candidates: [{ content: { role: 'model', parts }, ...finishReason, index: 0, ...candidate }],
    ...(usage === undefined ? {} : { usageMetadata: usage }),
    modelVersion: 'gemini-test',
    responseId: 'resp-1',
  }
}

/** Answers with the events of a stream, which has no mark at its end. */
export function events(response: ServerResponse, chunks: readonly unknown[]): void {
  response.writeHead(200, EVENT_STREAM)
  for (const chunk of chunks)
    response.write(`data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\r\n\r\n`)
  response.end()
}

export const isStreamed = (url: string | undefined): boolean => url?.includes(':streamGenerateContent') === true

/** Answers with chunks, streamed or as one, whichever is asked. */
export const playing =
  (...chunks: readonly Body[]): Play =>
  (response, { url }) => {
    if (isStreamed(url)) events(response, chunks)
    else json(response, chunks[0])
  }

/** An error as Google's servers word it. */
export function refusal(status: number, error: Body): Body {
  return { error: { code: status, message: 'As the case demands.', ...error } }
}

interface WireFailure {
  readonly status: number
  readonly body: Body
}

const STATUS: Readonly<Record<string, readonly [status: number, name: string, reason?: string]>> = {
  // Google answers 400 to a key it does not know.
  AIOS_LLM_AUTH: [400, 'INVALID_ARGUMENT', 'API_KEY_INVALID'],
  AIOS_LLM_PERMISSION: [403, 'PERMISSION_DENIED'],
  AIOS_LLM_NOT_FOUND: [404, 'NOT_FOUND'],
  AIOS_LLM_BAD_REQUEST: [400, 'INVALID_ARGUMENT'],
  AIOS_LLM_CONTEXT_OVERFLOW: [413, 'INVALID_ARGUMENT'],
  AIOS_LLM_RATE_LIMIT: [429, 'RESOURCE_EXHAUSTED'],
  AIOS_LLM_OVERLOADED: [503, 'UNAVAILABLE'],
  AIOS_LLM_SERVER: [500, 'INTERNAL'],
}

/** What the provider answers with for a failure of the suite. */
export function wireFailure({ code, retryAfterMs }: NonNullable<LlmScenario['failure']>): WireFailure {
  if (code === 'AIOS_LLM_CONTENT_FILTER') return { status: 200, body: { promptFeedback: { blockReason: 'SAFETY' } } }
  const [status, name, reason] = STATUS[code]!
  const info = reason === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }]
  const retry =
    retryAfterMs === undefined
      ? []
      : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterMs / 1_000}s` }]
  return { status, body: refusal(status, { status: name, details: [...info, ...retry] }) }
}

export const wireName = (name: string): string => name.replaceAll(/[^\w-]/g, '_')

export function wireUsage({ input, output, cacheRead, reasoning }: LlmScenarioUsage): Body {
  return {
    promptTokenCount: input,
    candidatesTokenCount: output - (reasoning ?? 0),
    totalTokenCount: input + output,
    ...(cacheRead === undefined ? {} : { cachedContentTokenCount: cacheRead }),
    ...(reasoning === undefined ? {} : { thoughtsTokenCount: reasoning }),
  }
}

function argsOf(inputText: string): unknown {
  try {
    return JSON.parse(inputText) as unknown
  } catch {
    // The API itself cannot say this; a server that hands on what a model wrote can.
    return inputText
  }
}

const FINISH = { length: 'MAX_TOKENS', 'content-filter': 'SAFETY' } as const

function chunksOf(scenario: LlmScenario): Body[] {
  const { reasoning, tokens = [], toolCalls = [], finish, usage } = scenario
  const thoughts = reasoning === undefined ? [] : [{ text: reasoning, thought: true }]
  const calls = toolCalls.map(({ name, inputText }) => ({
    functionCall: { name: wireName(name), args: argsOf(inputText) },
  }))
  const said: Body[] = [...thoughts, ...tokens.map((text) => ({ text })), ...calls]
  const last = { finish: finish === undefined ? 'STOP' : FINISH[finish] }
  return [
    ...said.map((part) => generated({ parts: [part] })),
    generated({ parts: [{ text: '' }], ...last, ...(usage === undefined ? {} : { usage: wireUsage(usage) }) }),
  ]
}

async function playStream(response: ServerResponse, scenario: LlmScenario): Promise<void> {
  const { ending } = scenario
  const send = (chunk: Body) => response.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`)
  if (ending === 'hang' && scenario.tokens === undefined) return
  response.writeHead(200, EVENT_STREAM)
  const chunks = chunksOf(scenario)
  for (const chunk of ending === undefined ? chunks : chunks.slice(0, -1)) send(chunk)
  if (ending === 'hang') return
  if (ending === 'drop') {
    // What was written must be on its way before the connection goes.
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
    return void response.destroy()
  }
  response.end()
}

function whole(scenario: LlmScenario): Body {
  const { finish = 'STOP', ...said } = { ...scenario }
  const chunks = chunksOf(scenario)
  const parts = chunks.flatMap(({ candidates }) => {
    const [candidate] = candidates as readonly [{ readonly content: { readonly parts: readonly Body[] } }]
    return candidate.content.parts
  })
  return generated({
    parts: parts.filter(({ text }) => text !== ''),
    finish: finish === 'STOP' ? finish : FINISH[finish],
    ...(said.usage === undefined ? {} : { usage: wireUsage(said.usage) }),
  })
}

/** Plays a scenario of the conformance suite. */
export function playScenario(scenario: LlmScenario): Play {
  return (response, { url }) => {
    if (scenario.failure !== undefined) {
      const { status, body } = wireFailure(scenario.failure)
      return status === 200 && isStreamed(url) ? events(response, [body]) : json(response, body, { status })
    }
    if (isStreamed(url)) return playStream(response, scenario)
    return scenario.ending === 'hang' ? undefined : json(response, whole(scenario))
  }
}
