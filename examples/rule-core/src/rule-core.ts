import { messageParts, messageText } from '@aios/kernel/driver'
import type { CoreReply, CoreRequest, LlmDriver, Message, MessagePart, ToolResultPart, ToolSpec } from '@aios/kernel'
import { answer } from './plan/answer.js'
import { CannotAnswer } from './plan/plan.js'
import type { Plan, ToolAnswer, ToolRequest } from './plan/plan.js'

/** Is what a plan says next: tool calls to make, or the text of the answer. */
type Turn = { readonly calls: readonly ToolRequest[] } | { readonly text: string }

const IGNORE_CASE =
  /ignor\w* (?:upper|lower|the )?(?: and lower)? ?case|case[- ]insensitiv|(?:upper|lower) and (?:upper|lower) case/i
const WRONG = /What was wrong: (.+)/

/**
 * Makes a core that answers questions about the files of a folder by rules instead of a model: it reads the question,
 * asks for tool calls as a model would, and puts the answer together from their results. It needs no network and always
 * answers the same; what it can do is a closed list, see the README. For examples and tests, not for real use.
 */
export function ruleCore(): LlmDriver {
  return { kind: 'llm', id: 'rules', model: 'rules', chat: reply }
}

function reply(request: CoreRequest): CoreReply {
  const turn = turnOf(request)
  const output = 'text' in turn ? turn.text : JSON.stringify(turn.calls)
  const parts = 'text' in turn ? [textPart(turn.text)] : callParts(turn.calls, request)
  return {
    parts,
    finish: { unified: 'text' in turn ? 'stop' : 'tool-calls' },
    usage: { input: { total: sizeOf(request) }, output: { total: tokens(output) } },
  }
}

function turnOf({ messages, tools = [], toolChoice }: CoreRequest): Turn {
  const at = messages.findLastIndex(({ role }) => role === 'user')
  const question = at < 0 ? '' : messageText(messages[at]!)
  if (tools.length === 0) return { text: withoutTools(question) }
  if (toolChoice === 'none') return { text: 'I could not find the answer in the steps I had.' }
  const system = messages.filter(({ role }) => role === 'system').map(messageText)
  const plan = answer(question, { ignoreCase: IGNORE_CASE.test(system.join('\n')) })
  return follow(plan, answersIn(messages.slice(at + 1)), tools)
}

/** Writes down what to do better, or says that there is nothing to look things up with. */
function withoutTools(question: string): string {
  const wrong = WRONG.exec(question)?.[1]
  return wrong === undefined
    ? 'I can only answer with the help of tools, and I was given none.'
    : `My last answer was wrong: ${wrong} Next time I will heed that from the start.`
}

/** Runs a plan over the answers there are by now, up to the calls that have none yet. */
function follow(plan: Plan, answers: readonly (readonly ToolAnswer[])[], tools: readonly ToolSpec[]): Turn {
  try {
    let step = plan.next()
    for (const results of answers) {
      if (step.done === true) break
      step = plan.next(results)
    }
    if (step.done === true) return { text: step.value }
    const missing = step.value.find(({ tool }) => fullName(tool, tools) === undefined)
    if (missing === undefined) return { calls: step.value }
    return { text: `I cannot answer that without the tool ${missing.tool}, which I was not given.` }
  } catch (error) {
    if (error instanceof CannotAnswer) return { text: error.message }
    throw error
  }
}

/** Collects the results of each round of tool calls, in the order of the calls. */
function answersIn(messages: readonly Message[]): readonly (readonly ToolAnswer[])[] {
  const results = new Map<string, ToolResultPart>()
  for (const part of messages.flatMap(messageParts)) if (part.type === 'tool-result') results.set(part.id, part)
  const rounds = messages.filter(({ role }) => role === 'assistant')
  return rounds.map((message) =>
    messageParts(message).flatMap((part) => (part.type === 'tool-call' ? [toolAnswer(results.get(part.id))] : [])),
  )
}

function toolAnswer(result: ToolResultPart | undefined): ToolAnswer {
  if (result === undefined) return { ok: false, message: 'it gave no answer' }
  if (result.isError === true) return { ok: false, message: String(result.output) }
  return { ok: true, output: result.output }
}

function callParts(calls: readonly ToolRequest[], { messages, tools = [] }: CoreRequest): readonly MessagePart[] {
  return calls.map(({ tool, input }, index) => ({
    type: 'tool-call',
    id: `call-${messages.length}-${index}`,
    name: fullName(tool, tools) ?? tool,
    input,
    inputText: JSON.stringify(input),
  }))
}

function fullName(tool: string, tools: readonly ToolSpec[]): string | undefined {
  return tools.find(({ name }) => name === tool || name.endsWith(`/${tool}`))?.name
}

function textPart(text: string): MessagePart {
  return { type: 'text', text }
}

/** Counts four characters as a token, as is usual for English. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}

function sizeOf({ messages, tools = [] }: CoreRequest): number {
  const parts = messages.flatMap(messageParts)
  const chars = parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text : JSON.stringify(part)).length, 0)
  return Math.ceil((chars + JSON.stringify(tools).length) / 4)
}
