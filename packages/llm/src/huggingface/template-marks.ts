import type { AnswerSyntax, CallSyntax, ThoughtSyntax } from '../local/answer-syntax.js'
import type { TemplateMessage, TemplateTool } from './chat-messages.js'
import { PLAIN_CALL } from './plain-tools.js'

/**
 * Writes a conversation by the model's chat template. Throws what the template throws.
 *
 * @param asks - whether an answer is to begin at its end. Default true
 */
export type Render = (messages: readonly TemplateMessage[], tools?: readonly TemplateTool[], asks?: boolean) => string

/** Is what a chat template tells of the model's answers. */
export interface TemplateMarks {
  readonly syntax: AnswerSyntax
  /** Whether the template writes tools; else they are told of in plain words. */
  readonly hasTools: boolean
  /** What the template writes behind a turn of the model; empty where it cannot be told. */
  readonly turnEnd: string
}

const THOUGHTS: readonly (readonly [opens: string, closes: string])[] = [
  ['<think>', '</think>'],
  ['[THINK]', '[/THINK]'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
]
const [FIRST, SECOND, WORD] = ['aiosprobeone', 'aiosprobetwo', 'aiosprobeword']
const ARGUMENTS = new RegExp(`\\{\\s*"${WORD}"\\s*:\\s*"${WORD}"\\s*\\}`)

const call = (name: string): NonNullable<TemplateMessage['tool_calls']>[number] => ({
  id: `call${name.slice(-5)}`,
  type: 'function',
  function: { name, arguments: { [WORD]: WORD } },
})
const tool = (name: string): TemplateTool => ({
  type: 'function',
  function: { name, description: '', parameters: { type: 'object', properties: {} } },
})
const ASKED: TemplateMessage = { role: 'user', content: 'Hello.' }

function attempt(render: Render, ...given: Parameters<Render>): string | undefined {
  try {
    return render(...given)
  } catch {
    // A template that knows no tools, or no such turns, may say so by throwing.
    return undefined
  }
}

/** Returns what stands in a text before another, and what stands behind; undefined if it is not in it. */
function around(text: string, inner: string): readonly [string, string] | undefined {
  const at = text.indexOf(inner)
  return at === -1 ? undefined : [text.slice(0, at), text.slice(at + inner.length)]
}

/** Reads from two calls that the template writes how it marks them. */
function callSyntax(render: Render): CallSyntax | undefined {
  const calls = [call(FIRST), call(SECOND)]
  const tools = [tool(FIRST), tool(SECOND)]
  const begun = attempt(render, [ASKED], tools)
  const both = attempt(render, [ASKED, { role: 'assistant', content: '', tool_calls: calls }], tools, false)
  const one = attempt(render, [ASKED, { role: 'assistant', content: '', tool_calls: calls.slice(0, 1) }], tools, false)
  const text = both ?? one
  if (begun === undefined || text === undefined) return undefined
  let shared = 0
  while (shared < begun.length && begun[shared] === text[shared]) shared += 1
  const first = around(text.slice(shared), FIRST)
  if (first === undefined) return undefined
  const [opens, rest] = first
  const written = ARGUMENTS.exec(rest)
  if (written === null || opens.trim() === '') return undefined
  const middle = rest.slice(0, written.index)
  const between = around(rest.slice(written.index + written[0].length), SECOND)?.[0]
  return { ...marked(opens.trimStart(), between ?? ''), middle }
}

function marked(opens: string, between: string): Omit<CallSyntax, 'middle'> {
  const spellings = [...new Set([opens, opens.replaceAll('\n', '')])].sort((one, other) => other.length - one.length)
  const isParallel = between.endsWith(opens)
  const closes = isParallel ? between.slice(0, between.length - opens.length).trim() : ''
  return { opens: spellings, closes, around: [], isParallel }
}

function thoughtSyntax(render: Render, template: string): ThoughtSyntax | undefined {
  const marks = THOUGHTS.find(([opens, closes]) => template.includes(opens) && template.includes(closes))
  if (marks === undefined) return undefined
  const [opens, closes] = marks
  const isOpen = attempt(render, [ASKED])?.trimEnd().endsWith(opens) === true
  return { opens: isOpen ? undefined : opens, closes }
}

/** Reads a chat template by what it writes, so that nothing has to be known of the model. */
export function templateMarks(render: Render, template: string): TemplateMarks {
  const known = callSyntax(render)
  const turn = attempt(render, [ASKED, { role: 'assistant', content: WORD }, ASKED])
  return {
    syntax: { call: known ?? PLAIN_CALL, thought: thoughtSyntax(render, template) },
    hasTools: known !== undefined,
    turnEnd: turn === undefined ? '' : (around(turn, WORD)?.[1] ?? ''),
  }
}
