/** What a provider of responses says. */
import type { ServerResponse } from 'node:http'
import { EVENT_STREAM, type Body } from '../../core/provider.js'

/** Makes a whole response. */
export function response(output: readonly Body[], rest: Body = {}): Body {
  return { id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'test-1', output, ...rest }
}

/** Makes a message that is done. */
export function message(text: string, rest: Body = {}): Body {
  const content = [{ type: 'output_text', text, annotations: [] }]
  return { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content, ...rest }
}

/** Makes a call that is done. */
export function functionCall(name: string, args: string, n = 0): Body {
  return { id: `fc_${n}`, type: 'function_call', status: 'completed', call_id: `call_${n}`, name, arguments: args }
}

/** Makes reasoning that is done. */
export function reasoning(summary: readonly string[], encrypted?: string): Body {
  const pieces = summary.map((text) => ({ type: 'summary_text', text }))
  return {
    id: 'rs_1',
    type: 'reasoning',
    summary: pieces,
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
  }
}

function messageEvents(item: Body, index: number, pieces: readonly string[]): Body[] {
  const place = { output_index: index, content_index: 0, item_id: item['id'] }
  const [content] = item['content'] as readonly Body[]
  const kind = content?.['type'] === 'refusal' ? 'refusal' : 'output_text'
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { type: kind, text: '' } },
    ...pieces.map((delta) => ({ type: `response.${kind}.delta`, ...place, delta })),
    { type: 'response.content_part.done', ...place, part: content },
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

function callEvents(item: Body, index: number): Body[] {
  const text = String(item['arguments'])
  const half = Math.floor(text.length / 2)
  const place = { output_index: index, item_id: item['id'] }
  return [
    {
      type: 'response.output_item.added',
      output_index: index,
      item: { ...item, status: 'in_progress', arguments: '' },
    },
    ...[text.slice(0, half), text.slice(half)].map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...place,
      delta,
    })),
    { type: 'response.function_call_arguments.done', ...place, arguments: text },
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

function reasoningEvents(item: Body, index: number): Body[] {
  const place = { output_index: index, item_id: item['id'] }
  const summary = item['summary'] as readonly Body[]
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...item, summary: [] } },
    ...summary.map(({ text: delta }, at) => ({
      type: 'response.reasoning_summary_text.delta',
      ...place,
      summary_index: at,
      delta,
    })),
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

/** Makes the events of one item; those of a message come in pieces. */
export function itemEvents(item: Body, index: number, pieces?: readonly string[]): Body[] {
  if (item['type'] === 'message') {
    const [content] = item['content'] as readonly Body[]
    return messageEvents(item, index, pieces ?? [String(content?.['text'] ?? content?.['refusal'])])
  }
  if (item['type'] === 'function_call') return callEvents(item, index)
  if (item['type'] === 'reasoning') return reasoningEvents(item, index)
  return ['added', 'done'].map((state) => ({ type: `response.output_item.${state}`, output_index: index, item }))
}

/** Makes the events of a whole stream. */
export function events(output: readonly Body[], rest: Body = {}): Body[] {
  const whole = response(output, rest)
  const status = whole['status'] === 'incomplete' ? 'incomplete' : 'completed'
  return [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [] } },
    { type: 'response.in_progress', response: { ...whole, status: 'in_progress', output: [] } },
    ...output.flatMap((item, index) => itemEvents(item, index)),
    { type: `response.${status}`, response: whole },
  ]
}

/** Writes an event as the API does. */
export const frame = (event: Body, newline = '\n'): string =>
  `event: ${String(event['type'])}${newline}data: ${JSON.stringify(event)}${newline}${newline}`

/** Answers with a stream of events. */
export function stream(answer: ServerResponse, sent: readonly Body[]): void {
  answer.writeHead(200, EVENT_STREAM)
  for (const event of sent) answer.write(frame(event))
  answer.end()
}
