type Body = Readonly<Record<string, unknown>>

/** Is how a vendor's server words a streamed answer. */
export interface VendorWords {
  readonly contentType: string
  /** What goes before the first piece of text. */
  readonly opening: string
  piece(text: string): string
  readonly closing: string
}

const EVENT_STREAM = 'text/event-stream'

const data = (body: Body): string => `data: ${JSON.stringify(body)}\n\n`

function chunk(delta: Body, finish: string | null, more: Body = {}): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'm', choices, ...more })
}

/** Chat completions: OpenAI, Groq and those that imitate them. */
export const COMPLETIONS: VendorWords = {
  contentType: EVENT_STREAM,
  opening: chunk({ role: 'assistant', content: '' }, null),
  piece: (content) => chunk({ content }, null),
  closing: `${chunk({}, 'stop', { usage: { prompt_tokens: 3, completion_tokens: 40, total_tokens: 43 } })}data: [DONE]\n\n`,
}

const event = (body: Body & { readonly type: string }): string => `event: ${body.type}\n${data(body)}`

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 1 },
}

/** Anthropic's Messages. */
export const MESSAGES: VendorWords = {
  contentType: EVENT_STREAM,
  opening:
    event({ type: 'message_start', message }) +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  piece: (text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  closing:
    event({ type: 'content_block_stop', index: 0 }) +
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 40 },
    }) +
    event({ type: 'message_stop' }),
}

const candidates = (text: string, more: Body = {}): Body => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
  modelVersion: 'm',
})

/** Gemini's `streamGenerateContent`. */
export const GENERATE_CONTENT: VendorWords = {
  contentType: EVENT_STREAM,
  opening: '',
  piece: (text) => data(candidates(text)),
  closing: data({
    ...candidates('', { finishReason: 'STOP' }),
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 40, totalTokenCount: 43 },
  }),
}

const line = (content: string, more: Body): string =>
  `${JSON.stringify({ model: 'm', created_at: '2026-02-11T00:47:19Z', message: { role: 'assistant', content }, ...more })}\n`

/** Ollama's own chat. */
export const OLLAMA_CHAT: VendorWords = {
  contentType: 'application/x-ndjson',
  opening: '',
  piece: (content) => line(content, { done: false }),
  closing: line('', { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 40 }),
}
