import type { CoreRequest, JsonSchema, ResponseFormat, ToolChoice, ToolSpec } from '@aios/kernel'
import { fromWireConversation } from './wire-conversation.js'
import { badRequest, field, KINDS, needed, objectAt, type WireObject } from './wire-field.js'

/** Is a request for a chat completion as a core takes it, with how the answer is wanted. */
export interface AskedCompletion {
  readonly request: CoreRequest
  readonly isStreamed: boolean
  /** Whether a stream ends with its usage. */
  readonly wantsUsage: boolean
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high']
/** What would change the answer and cannot be done: refused, since to leave it out in silence would be worse. */
const REFUSED = ['functions', 'function_call', 'logprobs', 'top_logprobs', 'audio', 'web_search_options', 'prediction']

const isZero = (value: unknown): boolean => value === 0
/** What is refused likewise, but for the value that asks for nothing. */
const REFUSED_BUT: readonly (readonly [name: string, expected: string, isNothing: (value: unknown) => boolean])[] = [
  ['n', '1', (value) => value === 1],
  ['frequency_penalty', '0', isZero],
  ['presence_penalty', '0', isZero],
  ['logit_bias', 'no token', (value) => KINDS.object.isRight(value) && Object.keys(value as object).length === 0],
  ['modalities', 'text alone', (value) => Array.isArray(value) && value.every((each) => each === 'text')],
  ['parallel_tool_calls', 'true', (value) => value === true],
]

/** Refuses what a core cannot be told. */
function expectKnown(body: WireObject): void {
  const refused = REFUSED.find((name) => body[name] !== undefined && body[name] !== null && body[name] !== false)
  if (refused !== undefined) throw badRequest(refused, 'nothing, since this server does not know it,', body[refused])
  for (const [name, expected, isNothing] of REFUSED_BUT) {
    const value = body[name] ?? undefined
    if (value !== undefined && !isNothing(value))
      throw badRequest(name, `${expected}, since this server does nothing else,`, value)
  }
}

function toolOf(given: unknown, param: string): ToolSpec {
  const tool = objectAt(given, param)
  if (tool['type'] !== 'function') throw badRequest(`${param}.type`, '"function"', tool['type'])
  const described = objectAt(tool['function'], `${param}.function`)
  const at = (name: string): readonly [string, string] => [name, `${param}.function.${name}`]
  return {
    name: needed(field<string>(described, at('name'), KINDS.string), `${param}.function.name`, 'a string'),
    description: field<string>(described, at('description'), KINDS.string) ?? '',
    inputSchema: field<JsonSchema>(described, at('parameters'), KINDS.object) ?? { type: 'object', properties: {} },
  }
}

function choiceOf(given: unknown): ToolChoice | undefined {
  if (given === undefined || given === null) return undefined
  if (given === 'auto' || given === 'none' || given === 'required') return given
  const { function: chosen } = objectAt(given, 'tool_choice')
  const name = field<string>(
    objectAt(chosen, 'tool_choice.function'),
    ['name', 'tool_choice.function.name'],
    KINDS.string,
  )
  return { tool: needed(name, 'tool_choice.function.name', 'a string') }
}

function formatOf(given: unknown): ResponseFormat | undefined {
  if (given === undefined || given === null) return undefined
  const format = objectAt(given, 'response_format')
  if (format['type'] === 'text') return { type: 'text' }
  if (format['type'] === 'json_object') return { type: 'json' }
  if (format['type'] !== 'json_schema')
    throw badRequest('response_format.type', 'text, json_object or json_schema', format['type'])
  const wanted = objectAt(format['json_schema'], 'response_format.json_schema')
  const schema = field<JsonSchema>(wanted, ['schema', 'response_format.json_schema.schema'], KINDS.object)
  const name = field<string>(wanted, ['name', 'response_format.json_schema.name'], KINDS.string)
  return { type: 'json', ...(schema === undefined ? {} : { schema }), ...(name === undefined ? {} : { name }) }
}

function stopOf(given: unknown): readonly string[] | undefined {
  if (given === undefined || given === null) return undefined
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (!list.every((each): each is string => typeof each === 'string'))
    throw badRequest('stop', 'a string or an array of strings', given)
  return list
}

function effortOf(given: unknown): CoreRequest['reasoning'] {
  if (given === undefined || given === null) return undefined
  if (!EFFORTS.includes(given as string)) throw badRequest('reasoning_effort', `one of ${EFFORTS.join(', ')}`, given)
  return given as CoreRequest['reasoning']
}

function settingsOf(body: WireObject): Omit<CoreRequest, 'messages'> {
  const number = (name: string): number | undefined => field<number>(body, [name, name], KINDS.number)
  const length = (name: string): number | undefined => field<number>(body, [name, name], KINDS.whole)
  const tools = field<readonly unknown[]>(body, ['tools', 'tools'], KINDS.list)
  const settings: Omit<CoreRequest, 'messages'> = {
    tools: tools?.map((tool, n) => toolOf(tool, `tools[${n}]`)),
    toolChoice: choiceOf(body['tool_choice']),
    responseFormat: formatOf(body['response_format']),
    temperature: number('temperature'),
    topP: number('top_p'),
    maxOutputTokens: length('max_completion_tokens') ?? length('max_tokens'),
    stop: stopOf(body['stop']),
    seed: field<number>(body, ['seed', 'seed'], KINDS.integer),
    reasoning: effortOf(body['reasoning_effort']),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

/**
 * Translates the body of a request for a chat completion.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST`, with the name of the parameter in its `details`
 */
export function fromWireRequest(given: unknown): AskedCompletion {
  const body = objectAt(given, 'the body')
  needed(field<string>(body, ['model', 'model'], KINDS.string), 'model', 'a string')
  expectKnown(body)
  const options = field<WireObject>(body, ['stream_options', 'stream_options'], KINDS.object) ?? {}
  return {
    request: { messages: fromWireConversation(body['messages']), ...settingsOf(body) },
    isStreamed: field<boolean>(body, ['stream', 'stream'], KINDS.flag) ?? false,
    wantsUsage: options['include_usage'] === true,
  }
}
