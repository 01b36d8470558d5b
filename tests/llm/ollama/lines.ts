/** What an Ollama server says, for tests. */
import type { ServerResponse } from 'node:http'
import type { Body } from '../core/provider.js'

export const NDJSON = { 'content-type': 'application/x-ndjson' }

/** One line of an answer. */
export const line = (message: Body, more: Body = {}): Body => ({
  model: 'test-1',
  created_at: '2026-02-11T00:47:19.000000Z',
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
})

/** The line that ends an answer, or a whole answer. */
export const done = (message: Body = {}, more: Body = {}): Body =>
  line(message, { done: true, done_reason: 'stop', prompt_eval_count: 26, eval_count: 298, ...more })

/** A tool call as the server writes it. */
export const called = (name: string, input: unknown, more: Body = {}): Body => ({
  ...more,
  function: { name, arguments: input },
})

/** Answers with lines of JSON; strings go out as they are. */
export function ndjson(response: ServerResponse, lines: readonly unknown[]): void {
  response.writeHead(200, NDJSON)
  response.end(lines.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''))
}
