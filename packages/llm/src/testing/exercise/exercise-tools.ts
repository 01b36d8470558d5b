import { AiosError, type CoreRequest, type Message, type ToolSpec } from '@aios/kernel'
import { checkOptions, messageParts, option } from '@aios/kernel/driver'
import { fromFunction } from '../mock/from-function.js'
import type { ScriptedCore, ScriptedOptions } from '../scripted-core.js'
import type { ScriptedReply, ScriptedToolCall } from '../scripted-step.js'
import { seededRandom } from '../seeded-random.js'
import { schemaValue } from './schema-value.js'

/** Is what `exerciseTools` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ExerciseOptions extends Omit<ScriptedOptions, 'repeat'> {
  /** Decides which values are made: the same seed, the same values. Default 1. */
  readonly seed?: number | undefined
  /** Names of the tools to call. Default: all that the request offers. */
  readonly tools?: readonly string[] | undefined
  /** Arguments by hand, by name of the tool, instead of made ones. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined
  /** Calls one tool an answer, instead of all at once. Default false. */
  readonly oneByOne?: boolean | undefined
  /** What it says in the end. Default: the results of the tools as JSON, or a value for the schema that is demanded. */
  readonly text?: string | undefined
}

const OWN = option.object({
  seed: option.optional(option.number(Number.NEGATIVE_INFINITY)),
  tools: option.optional(option.array(option.name)),
  inputs: option.optional(option.record),
  oneByOne: option.optional(option.boolean),
  text: option.optional(option.string),
})

type Exercise = Pick<ExerciseOptions, 'tools' | 'inputs' | 'oneByOne' | 'text'> & { readonly seed: number }

/** Returns what was said since the user spoke last. */
function sinceUser({ messages }: CoreRequest): readonly Message[] {
  return messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1)
}

/** Returns the tools that are to be called and were not. */
function dueTools(request: CoreRequest, { tools: wanted }: Exercise): readonly ToolSpec[] {
  const { tools = [], toolChoice } = request
  if (toolChoice === 'none') return []
  const unknown = wanted?.find((name) => !tools.some((tool) => tool.name === name))
  if (unknown !== undefined) {
    const offered = tools.map(({ name }) => name).join(', ') || 'none'
    throw new AiosError(
      'AIOS_NO_SUCH_TOOL',
      `Expected the tool "${unknown}" of exerciseTools() among those offered, got ${offered}.`,
    )
  }
  const forced = typeof toolChoice === 'object' ? toolChoice.tool : undefined
  const called = new Set(
    sinceUser(request).flatMap((message) =>
      messageParts(message).flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
    ),
  )
  return tools.filter(
    ({ name }) =>
      !called.has(name) && (wanted === undefined || wanted.includes(name)) && (forced === undefined || forced === name),
  )
}

function callOf(
  { name, inputSchema }: ToolSpec,
  { messages }: CoreRequest,
  { seed, inputs }: Exercise,
): ScriptedToolCall {
  if (inputs !== undefined && Object.hasOwn(inputs, name)) return { name, input: inputs[name] }
  return { name, input: schemaValue(inputSchema, seededRandom(seed, name, messages.length), `the input of ${name}`) }
}

function lastWords(request: CoreRequest, { text, seed }: Exercise): ScriptedReply {
  if (text !== undefined) return { text }
  const { responseFormat: format } = request
  if (format?.type === 'json' && format.schema !== undefined)
    return { json: schemaValue(format.schema, seededRandom(seed, 'answer', request.messages.length), 'the answer') }
  const results = sinceUser(request).flatMap((message) =>
    messageParts(message).flatMap((part) => (part.type === 'tool-result' ? [[part.name, part.output] as const] : [])),
  )
  return { json: Object.fromEntries(results) }
}

/**
 * Makes a core that tries out every tool it is offered: it calls each once, with arguments that follow the tool's schema, and then
 * finishes, with the results as JSON or with a value for the schema that the request demands. A smoke test of an agent and its
 * tools, without a script.
 *
 * The arguments are the same for the same seed, tool and length of the conversation, whatever else runs. What no value is made for
 * (`not`, `if`, `contains` and their kin) fails with `AIOS_UNSUPPORTED`; give `inputs` for such tools.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { exerciseTools } from '@aios/llm/testing'
 *
 * const kernel = await createKernel({ llm: exerciseTools({ seed: 7 }) })
 * const { toolCalls } = await kernel.sys().llm.chat({
 *   messages: [{ role: 'user', content: 'Go.' }],
 *   tools: [
 *     {
 *       name: 'book',
 *       description: 'Books a table.',
 *       inputSchema: { type: 'object', properties: { guests: { type: 'integer', minimum: 1 } }, required: ['guests'] },
 *     },
 *   ],
 * })
 * console.log(toolCalls[0]?.name, toolCalls[0]?.inputText) // book, and a whole number of guests from 1
 * await kernel.close()
 * ```
 */
export function exerciseTools(options: ExerciseOptions = {}): ScriptedCore {
  const { seed = 1, tools, inputs, oneByOne = false, text, ...rest } = options
  checkOptions('exerciseTools()', { seed, tools, inputs, oneByOne, text }, OWN)
  const exercise: Exercise = { seed, tools, inputs, text }
  return fromFunction(
    (request) => {
      const due = dueTools(request, exercise)
      if (due.length === 0) return lastWords(request, exercise)
      return { toolCalls: due.slice(0, oneByOne ? 1 : due.length).map((tool) => callOf(tool, request, exercise)) }
    },
    { id: 'exercise', model: 'exercise', ...rest },
  )
}
