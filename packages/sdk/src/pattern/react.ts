import { AiosError } from '@aios/kernel'
import type { Agent, ChatRequest, Message, Sys, ToolInfo } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { reactState, reactStep } from './react-step.js'
import type { ReactEffect, ReactInput, ReactState, ReactStep } from './react-step.js'
import { runMachine } from './step-machine.js'

/** Is what {@link react} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ReactOptions {
  /** System message. Default: one that asks to think, to use tools for facts, and to end with the answer alone. */
  readonly instructions?: string
  /** Tools that the model is offered, by full or unique bare name. Default: all that the process was granted. */
  readonly tools?: readonly string[]
  /** Most answers of the model before it is asked for its best answer without tools; at least 1. Default 20. */
  readonly maxSteps?: number
  /** Id of a core or name of a model. Default: what the router picks. */
  readonly model?: string
  /** 0 to 2. Default: the provider's. */
  readonly temperature?: number
  /** Most tokens of one answer of the model, at least 1. Default: the provider's. */
  readonly maxOutputTokens?: number
  /** Sees every step as it ends, in order. What it throws ends the agent. */
  readonly onStep?: (step: ReactStep) => void
}

/** Is how a run of ReAct ended: its answer, and the conversation that led there. */
export interface ReactRun {
  readonly answer: string
  readonly messages: readonly Message[]
}

const MAX_STEPS = 20
const INSTRUCTIONS = [
  'You answer questions by thinking and by using tools.',
  'Look facts up and compute with the tools you have: never guess what a tool can tell you.',
  'Calls that do not depend on each other belong in one answer, so that they run at the same time.',
  'A result that starts with AIOS_ is an error: read it, and correct the call or try another way.',
  'When you know enough, reply with the answer alone, without calling a tool.',
].join('\n')

const REACT_OPTIONS = option.object({
  instructions: option.optional(option.string),
  tools: option.optional(option.array(option.string)),
  maxSteps: option.optional(option.integer(1)),
  model: option.optional(option.string),
  temperature: option.optional(option.number(0, 2)),
  maxOutputTokens: option.optional(option.integer(1)),
  onStep: option.optional(option.function),
})

/**
 * Makes an agent that reasons and acts in turns until it can answer: it asks the model, runs every tool call of the
 * answer in parallel, shows the model the results, and returns the text of the first answer without tool calls.
 *
 * Failed tools, arguments that break their schema and names of tools that do not exist go back to the model as error
 * results. After `maxSteps` the model is asked once more, without tools, for its best answer. A spent budget, a passed
 * deadline, a kill or an abort ends the agent with its error, and leaves no call behind.
 *
 * Source: Yao et al., "ReAct: Synergizing Reasoning and Acting in Language Models", ICLR 2023, arXiv 2210.03629.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` at once for options it cannot take. The agent rejects with `AIOS_NO_SUCH_TOOL`
 * if a name in `tools` is none of the process's tools, with `AIOS_LLM_INVALID_OUTPUT` if the model has no text even at
 * the limit, with `AIOS_LLM_CONTENT_FILTER` or `AIOS_LLM_CONTEXT_OVERFLOW` if it ends so, and with whatever `llm.chat`
 * rejects with.
 * @example
 * ```ts
 * import { createKernel, react } from '@aios/sdk'
 * import { openai } from '@aios/llm/openai'
 *
 * const kernel = await createKernel({ llm: openai('gpt-5-mini') })
 * const agent = react({ tools: ['calculator'], onStep: ({ number, calls }) => console.log(number, calls.length) })
 * console.log(await kernel.run(agent, 'What is 19% of 4,711?', { name: 'accountant', deadlineMs: 60_000 }))
 * await kernel.close()
 * ```
 */
export function react(options: ReactOptions = {}): Agent<string, string> {
  checkReactOptions('react()', options)
  return async (sys, question) => (await runReact(sys, { question, options })).answer
}

/**
 * Checks the options of {@link react} without making an agent.
 *
 * @param owner - what takes them, for the message
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkReactOptions(owner: string, options: ReactOptions): void {
  checkOptions(owner, options, REACT_OPTIONS)
}

/** Is one run of ReAct: what is asked, and how. */
export interface ReactTask {
  readonly question: string
  readonly options: ReactOptions
  /** Text appended to the instructions. Default: none. */
  readonly lessons?: string
}

/** Runs {@link react} once under a process, for patterns that need the conversation besides the answer. */
export async function runReact(sys: Sys, { question, options, lessons = '' }: ReactTask): Promise<ReactRun> {
  const { instructions = INSTRUCTIONS, maxSteps = MAX_STEPS } = options
  const tools = await offeredTools(sys, options.tools)
  const start = reactState({ instructions: instructions + lessons, tools, maxSteps })
  const perform = (effect: ReactEffect): Promise<ReactInput | undefined> =>
    performReact(sys, effect, { options, tools })
  const end = await runMachine<ReactState, ReactInput, ReactEffect>({ step: reactStep, perform }, start, {
    type: 'question',
    text: question,
  })
  if (end.error !== undefined) throw end.error
  return { answer: end.answer ?? '', messages: end.messages }
}

interface ReactSetting {
  readonly options: ReactOptions
  readonly tools: readonly string[]
}

async function performReact(sys: Sys, effect: ReactEffect, setting: ReactSetting): Promise<ReactInput | undefined> {
  switch (effect.type) {
    case 'ask':
      return { type: 'reply', reply: await sys.llm.chat(chatRequest(effect, setting)) }
    case 'act':
      return { type: 'outcomes', outcomes: await sys.tool.callAll({ calls: effect.calls }) }
    case 'report':
      setting.options.onStep?.(effect.step)
      return undefined
  }
}

function chatRequest(
  { messages, toolChoice }: ReactEffect & { type: 'ask' },
  { options: { model, temperature, maxOutputTokens }, tools }: ReactSetting,
): ChatRequest {
  return {
    messages,
    // Providers refuse a tool choice where there is nothing to choose from.
    ...(tools.length > 0 && { tools, toolChoice }),
    ...(model !== undefined && { model }),
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  }
}

/** Turns the names that the caller gave into full names of tools that the process may use. */
async function offeredTools(sys: Sys, wanted: readonly string[] | undefined): Promise<readonly string[]> {
  if (wanted?.length === 0) return []
  const granted = await grantedTools(sys, wanted === undefined)
  if (wanted === undefined) return granted.map(({ name }) => name)
  return [...new Set(wanted.map((name) => fullName(name, granted)))]
}

async function grantedTools(sys: Sys, mayBeNone: boolean): Promise<readonly ToolInfo[]> {
  try {
    return await sys.tool.list()
  } catch (error) {
    // A kernel without tools is one whose agents simply have none, unless they were asked for.
    if (mayBeNone && AiosError.is(error, 'AIOS_NO_DEVICE')) return []
    throw error
  }
}

function fullName(name: string, granted: readonly ToolInfo[]): string {
  if (granted.some((tool) => tool.name === name)) return name
  const matches = granted.filter((tool) => tool.name === `${tool.source}/${name}`)
  const match = matches[0]
  if (match !== undefined && matches.length === 1) return match.name
  const names = (matches.length > 1 ? matches : granted).map((tool) => tool.name).join(', ') || 'none'
  const message = `Expected the name of one tool for "tools" of react, got "${name}". Tools of this process: ${names}.`
  throw new AiosError('AIOS_NO_SUCH_TOOL', message)
}
