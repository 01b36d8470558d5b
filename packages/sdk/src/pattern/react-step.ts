import { AiosError } from '@aios/kernel'
import type {
  ChatReply,
  ErrorCode,
  FinishReason,
  IdentifiedToolCall,
  Message,
  ToolCallPart,
  ToolChoice,
  ToolOutcome,
  ToolResultPart,
} from '@aios/kernel'
import type { Transition } from './step-machine.js'

/** Is one turn of the agent, as `onStep` sees it: what it thought, what it did, what it observed. */
export interface ReactStep {
  /** Counts from 1. */
  readonly number: number
  /** Text of the answer; for the last step the agent's result. */
  readonly thought: string
  readonly calls: readonly ToolCallPart[]
  /** One result a call, in the order of the calls. */
  readonly results: readonly ToolResultPart[]
}

/** Is everything a ReAct agent knows between two steps. Make the first one with {@link reactState}. */
export interface ReactState {
  readonly messages: readonly Message[]
  /** Full names of the tools that the model is offered. */
  readonly tools: readonly string[]
  readonly maxSteps: number
  /** Answers of the model so far. */
  readonly steps: number
  /** `concluding`: the limit is reached, the model is asked once more, without tools. */
  readonly phase: 'thinking' | 'acting' | 'concluding' | 'answered' | 'failed'
  /** The answer of the model whose tool calls run now. */
  readonly reply?: ChatReply
  /** Results of its calls that were refused without running. */
  readonly refused?: readonly ToolResultPart[]
  /** The final answer, once `answered`. */
  readonly answer?: string
  /** Why there is none, once `failed`. */
  readonly error?: AiosError
}

/** Is what a step reacts to. */
export type ReactInput =
  | { readonly type: 'question'; readonly text: string }
  | { readonly type: 'reply'; readonly reply: ChatReply }
  | { readonly type: 'outcomes'; readonly outcomes: readonly ToolOutcome[] }

/** Is what a step asks its loop to do. */
export type ReactEffect =
  | { readonly type: 'ask'; readonly messages: readonly Message[]; readonly toolChoice: ToolChoice }
  | { readonly type: 'act'; readonly calls: readonly IdentifiedToolCall[] }
  | { readonly type: 'report'; readonly step: ReactStep }

/** Is what {@link reactState} takes. */
export interface ReactStart {
  readonly instructions: string
  /** Full names of the tools that the model is offered. */
  readonly tools: readonly string[]
  readonly maxSteps: number
}

type ReactTransition = Transition<ReactState, ReactEffect>

/** Ends after which asking the same conversation again cannot help. */
const DEAD_ENDS: Partial<Record<FinishReason, ErrorCode>> = {
  'content-filter': 'AIOS_LLM_CONTENT_FILTER',
  'context-overflow': 'AIOS_LLM_CONTEXT_OVERFLOW',
}

/** Ends that leave the text incomplete. */
const CUT: readonly FinishReason[] = ['length', 'paused', 'aborted']

const CUT_ANSWER = 'Your answer was cut off. Give the complete answer, in fewer words.'
const EMPTY_ANSWER = 'Your answer was empty. Call a tool or give the answer.'

/** Makes the state before the question is asked. */
export function reactState({ instructions, tools, maxSteps }: ReactStart): ReactState {
  return { messages: [{ role: 'system', content: instructions }], tools, maxSteps, steps: 0, phase: 'thinking' }
}

/**
 * Takes a ReAct agent one step further, purely: the same state and input give the same result, and nothing is touched.
 *
 * Source: Yao et al., "ReAct: Synergizing Reasoning and Acting in Language Models", ICLR 2023, arXiv 2210.03629:
 * thought, action and observation alternate until the model acts no more. Here an action is a tool call, and the
 * actions of one thought run in parallel.
 */
export function reactStep(state: ReactState, input: ReactInput): ReactTransition {
  switch (input.type) {
    case 'question':
      return ask({ ...state, messages: [...state.messages, { role: 'user', content: input.text }] })
    case 'reply':
      return think({ ...state, steps: state.steps + 1 }, input.reply)
    case 'outcomes':
      return observe(state, input.outcomes)
  }
}

/** Asks the model, or, at the limit, for what it can say without tools. */
function ask(state: ReactState): ReactTransition {
  const { messages, steps, maxSteps } = state
  if (steps < maxSteps) {
    return { state: { ...state, phase: 'thinking' }, effects: [{ type: 'ask', messages, toolChoice: 'auto' }] }
  }
  const content = `You have used all ${maxSteps} steps. Call no more tools: give the best answer you can from what you know by now.`
  const concluding: ReactState = { ...state, messages: [...messages, { role: 'user', content }], phase: 'concluding' }
  return { state: concluding, effects: [{ type: 'ask', messages: concluding.messages, toolChoice: 'none' }] }
}

/** Reads an answer of the model: tool calls to run, the final text, or something to ask again about. */
function think(state: ReactState, reply: ChatReply): ReactTransition {
  const isLast = state.phase === 'concluding'
  if (reply.toolCalls.length > 0 && !isLast) return act(state, reply)
  const finish = reply.finish.unified
  const code = DEAD_ENDS[finish]
  if (code !== undefined) return fail(state, new AiosError(code, `${reply.model} gave no answer (finish: ${finish}).`))
  const isEmpty = reply.text.trim() === ''
  // At the limit a cut answer is still the best one there is; an empty one is none.
  if (!isEmpty && (isLast || !CUT.includes(finish))) return answer(state, reply)
  if (!isLast) return askAgain(state, reply, isEmpty ? EMPTY_ANSWER : CUT_ANSWER)
  const message = `Expected a final answer from ${reply.model}, got no text (finish: ${finish}). Raise maxSteps or maxOutputTokens, or use another model.`
  return fail(state, new AiosError('AIOS_LLM_INVALID_OUTPUT', message))
}

function askAgain(state: ReactState, reply: ChatReply, content: string): ReactTransition {
  const said: readonly Message[] = reply.message.content.length === 0 ? [] : [reply.message]
  const report: ReactEffect = { type: 'report', step: stepOf(state, reply, []) }
  const next = ask({ ...state, messages: [...state.messages, ...said, { role: 'user', content }] })
  return { state: next.state, effects: [report, ...next.effects] }
}

/** Splits the calls of an answer into those that run and those that are refused, and asks for the former. */
function act(state: ReactState, reply: ChatReply): ReactTransition {
  const refused: ToolResultPart[] = []
  const calls: IdentifiedToolCall[] = []
  for (const call of reply.toolCalls) {
    const name = offered(call.name, state.tools)
    if (name === undefined) refused.push(result(call, noSuchTool(call.name, state.tools)))
    else if (call.invalid !== undefined) refused.push(result(call, invalidInput(call)))
    else calls.push({ id: call.id, name, input: call.input })
  }
  const acting: ReactState = { ...state, phase: 'acting', reply, refused }
  return calls.length === 0 ? observe(acting, []) : { state: acting, effects: [{ type: 'act', calls }] }
}

/** Puts what the tools answered in front of the model. A spent budget ends the agent: no step after it could run. */
function observe(state: ReactState, outcomes: readonly ToolOutcome[]): ReactTransition {
  const { reply, refused = [], ...rest } = state
  if (reply === undefined) throw new AiosError('AIOS_BUG', 'Expected outcomes only after a reply with tool calls.')
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && outcome.error.code === 'AIOS_BUDGET_EXCEEDED') {
      return fail(state, new AiosError('AIOS_BUDGET_EXCEEDED', outcome.error.message))
    }
  }
  const results = reply.toolCalls.map((call) => resultOf(call, refused, outcomes))
  const messages: Message[] = [...state.messages, reply.message, { role: 'tool', content: results }]
  const next = ask({ ...rest, messages })
  return { state: next.state, effects: [{ type: 'report', step: stepOf(state, reply, results) }, ...next.effects] }
}

function answer(state: ReactState, reply: ChatReply): ReactTransition {
  const messages = [...state.messages, reply.message]
  return {
    state: { ...state, messages, phase: 'answered', answer: reply.text },
    effects: [{ type: 'report', step: { number: state.steps, thought: reply.text, calls: [], results: [] } }],
  }
}

function fail(state: ReactState, error: AiosError): ReactTransition {
  return { state: { ...state, phase: 'failed', error }, effects: [] }
}

function stepOf(state: ReactState, reply: ChatReply, results: readonly ToolResultPart[]): ReactStep {
  return { number: state.steps, thought: reply.text, calls: reply.toolCalls, results }
}

/** Returns the full name of an offered tool that the model named in full or, where that is unique, without its source. */
function offered(name: string, tools: readonly string[]): string | undefined {
  if (tools.includes(name)) return name
  const matches = tools.filter((tool) => tool.slice(tool.indexOf('/') + 1) === name)
  return matches.length === 1 ? matches[0] : undefined
}

function resultOf(
  call: ToolCallPart,
  refused: readonly ToolResultPart[],
  outcomes: readonly ToolOutcome[],
): ToolResultPart {
  const outcome = outcomes.find(({ id }) => id === call.id)
  if (outcome?.status === 'fulfilled') {
    return { type: 'tool-result', id: call.id, name: call.name, output: outcome.output ?? null }
  }
  if (outcome !== undefined) return result(call, `${outcome.error.code}: ${outcome.error.message}`)
  return refused.find(({ id }) => id === call.id) ?? result(call, 'AIOS_TOOL_FAILED: The call has no outcome.')
}

function result(call: ToolCallPart, message: string): ToolResultPart {
  return { type: 'tool-result', id: call.id, name: call.name, output: message, isError: true }
}

function noSuchTool(name: string, tools: readonly string[]): string {
  const offer = tools.length === 0 ? 'There are no tools: answer without.' : `Use one of: ${tools.join(', ')}.`
  return `AIOS_NO_SUCH_TOOL: No tool is named "${name}". ${offer}`
}

function invalidInput(call: ToolCallPart): string {
  return `AIOS_INVALID_TOOL_INPUT: Expected the arguments of ${call.name} as a JSON object, got what cannot be parsed (${call.invalid}).`
}
