import type { CoreReply, CoreRequest, MessagePart, StreamPart, ToolCallPart, Usage } from '@aios/kernel'
import { check } from '@aios/kernel/testing'
import {
  batched,
  chat,
  checkSame,
  drain,
  finishOf,
  PLAIN_REQUEST,
  repliedText,
  stream,
  streamedText,
  type LlmCase,
} from './llm-case.js'
import { checkStreamShape } from './stream-shape.js'
import type { LlmStage } from './llm-ground.js'

/** Is what one answer brought, asked for either way. */
interface Answer {
  readonly how: 'chat' | 'batch' | 'stream'
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly ToolCallPart[]
  readonly finish: string
  readonly usage: Usage
}

const isCall = (part: MessagePart | StreamPart): part is ToolCallPart => part.type === 'tool-call'

function replied(how: 'chat' | 'batch', reply: CoreReply): Answer {
  return {
    how,
    text: repliedText(reply),
    reasoning: reply.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    calls: reply.parts.filter(isCall),
    finish: reply.finish.unified,
    usage: reply.usage,
  }
}

async function streamAnswer({ driver }: LlmStage, request: CoreRequest): Promise<Answer> {
  const parts = await drain(stream(driver, request))
  checkStreamShape(parts)
  const { finish, usage } = finishOf(parts)
  return {
    how: 'stream',
    text: streamedText(parts, 'text-delta'),
    reasoning: streamedText(parts, 'reasoning-delta'),
    calls: parts.filter(isCall),
    finish: finish.unified,
    usage,
  }
}

/** Asks for the answer every way the driver has, and looks at each. */
function answered(look: (answer: Answer) => void, request: CoreRequest = PLAIN_REQUEST): LlmCase['prove'] {
  return async (stage) => {
    const { driver } = stage
    const inBatches = driver.batches?.['llm.chat'] !== undefined
    check(
      driver.chat !== undefined || driver.stream !== undefined || inBatches,
      "Expected a driver with chat, stream, both, or batches['llm.chat'].",
    )
    if (driver.chat !== undefined) look(replied('chat', await chat(driver, request)))
    if (inBatches) look(replied('batch', await batched(driver, request)))
    if (driver.stream !== undefined) look(await streamAnswer(stage, request))
  }
}

const NUMBERS = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } }
const TOOL_REQUEST: CoreRequest = {
  messages: [{ role: 'user', content: 'Add 2 and 3, and multiply them.' }],
  tools: [
    { name: 'local/add', description: 'Adds.', inputSchema: NUMBERS },
    { name: 'a__b', description: 'Multiplies.', inputSchema: NUMBERS },
  ],
}
const CALLS = [
  { name: 'local/add', inputText: '{"a":2,"b":3}' },
  { name: 'a__b', inputText: '{"a":2,"b":3}' },
]
const TURNS: CoreRequest = {
  ...TOOL_REQUEST,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'Add 2 and 3.' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Adding.' },
        { type: 'tool-call', id: 'call_9', name: 'local/add', input: { a: 2, b: 3 }, inputText: '{"a":2,"b":3}' },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: 'call_9', name: 'local/add', output: { sum: 5 } }] },
  ],
}

function checkCalls({ how, calls }: Answer): void {
  checkSame(
    `the calls of ${how}`,
    calls.map(({ name, input }) => ({ name, input })),
    CALLS.map(({ name, inputText }) => ({ name, input: JSON.parse(inputText) as unknown })),
  )
  check(
    new Set(calls.map(({ id }) => id)).size === calls.length,
    `Expected the calls of ${how} to have ids of their own.`,
  )
}

function checkAddsUp({ how, usage: { input, output } }: Answer): void {
  const cached = (input.noCache ?? 0) + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)
  if (input.noCache !== undefined) checkSame(`the input parts of ${how}`, cached, input.total)
  const said = (output.text ?? 0) + (output.reasoning ?? 0)
  if (output.text !== undefined) checkSame(`the output parts of ${how}`, said, output.total)
}

/** Holds the cases about what an answer says. */
export const ANSWER_CASES: readonly LlmCase[] = [
  {
    name: 'chat and stream bring the text as the provider wrote it, and stop',
    scenario: { tokens: ['Hello', ', wörld', ' 🌍', '\n', 'Bye.'] },
    prove: answered(({ how, text, finish }) => {
      checkSame(`the text of ${how}`, text, 'Hello, wörld 🌍\nBye.')
      checkSame(`the finish of ${how}`, finish, 'stop')
    }),
  },
  {
    name: 'reasoning is kept apart from the text',
    needs: 'reasoning',
    scenario: { reasoning: 'Let me think.', tokens: ['42'] },
    prove: answered(({ how, text, reasoning }) => {
      checkSame(`what ${how} brings`, { reasoning, text }, { reasoning: 'Let me think.', text: '42' })
    }),
  },
  {
    name: 'parallel tool calls come back under the names of the request, slash and underscores kept',
    scenario: { toolCalls: CALLS },
    prove: answered((answer) => {
      checkCalls(answer)
      checkSame(`the finish of ${answer.how}`, answer.finish, 'tool-calls')
    }, TOOL_REQUEST),
  },
  {
    name: 'text beside tool calls is kept',
    scenario: { tokens: ['I will ', 'add.'], toolCalls: CALLS },
    prove: answered((answer) => {
      checkSame(`the text of ${answer.how}`, answer.text, 'I will add.')
      checkCalls(answer)
    }, TOOL_REQUEST),
  },
  {
    name: 'arguments that are no JSON are kept and marked, never thrown',
    scenario: { toolCalls: [{ name: 'a__b', inputText: '{"a": 2, "b"' }] },
    prove: answered(({ how, calls }) => {
      checkSame(`the calls of ${how}`, calls.length, 1)
      checkSame(`the input text of ${how}`, calls[0]?.inputText, '{"a": 2, "b"')
      check(typeof calls[0]?.invalid === 'string' && calls[0].input === undefined, `Expected ${how} to mark the call.`)
    }, TOOL_REQUEST),
  },
  {
    name: 'a conversation with tool calls and their results is accepted',
    scenario: { tokens: ['The sum is 5.'] },
    prove: answered(({ how, text }) => {
      checkSame(`the text of ${how}`, text, 'The sum is 5.')
    }, TURNS),
  },
  {
    name: 'an answer demanded as JSON comes as the JSON text it is',
    scenario: { tokens: ['{"sum"', ':5}'] },
    prove: answered(
      ({ how, text }) => {
        checkSame(`the value of ${how}`, JSON.parse(text), { sum: 5 })
      },
      {
        ...PLAIN_REQUEST,
        responseFormat: {
          type: 'json',
          name: 'sum',
          schema: { type: 'object', properties: { sum: { type: 'number' } } },
        },
      },
    ),
  },
  {
    name: 'reported usage is passed on',
    scenario: { tokens: ['Hello'], usage: { input: 12, output: 5 } },
    prove: answered(({ how, usage }) => {
      checkSame(`the input tokens of ${how}`, usage.input.total, 12)
      checkSame(`the output tokens of ${how}`, usage.output.total, 5)
      check(usage.estimated !== true, `Expected the usage of ${how} not to be called an estimate.`)
    }),
  },
  {
    name: 'cached and reasoning tokens are parts of the totals',
    needs: 'detailed-usage',
    scenario: { tokens: ['Hello'], usage: { input: 12, output: 9, cacheRead: 8, reasoning: 4 } },
    prove: answered((answer) => {
      const { input, output } = answer.usage
      checkSame(`the input of ${answer.how}`, [input.total, input.noCache, input.cacheRead], [12, 4, 8])
      checkSame(`the output of ${answer.how}`, [output.total, output.text, output.reasoning], [9, 5, 4])
      checkAddsUp(answer)
    }),
  },
  {
    name: 'usage that the provider does not report is not made up',
    needs: 'silent-usage',
    scenario: { tokens: ['Hello'] },
    prove: answered(({ how, usage }) => {
      checkSame(`the usage of ${how}`, [usage.input.total, usage.output.total], [undefined, undefined])
    }),
  },
  ...(['length', 'content-filter'] as const).map((finish): LlmCase => ({
    name: `an answer that ended for ${finish} says so`,
    scenario: { tokens: ['Once upon'], finish },
    prove: answered((answer) => {
      checkSame(`the finish of ${answer.how}`, answer.finish, finish)
      checkSame(`the text of ${answer.how}`, answer.text, 'Once upon')
    }),
  })),
]
