import type { ChatReply } from '../../driver/chat.js'
import type { JsonSchema, Message } from '../../driver/message.js'
import type { JsonAttempt, JsonReply, JsonRequest } from '../../driver/structured.js'
import { AiosError } from '../../error/aios-error.js'
import { errorText } from '../../error/error-text.js'
import { jsonIn } from '../chat/json-text.js'
import { sumUsage } from '../chat/sum-usage.js'
import { derivedJsonSchema } from '../derived-json-schema.js'
import { mismatch, optional, shape, text, whole, type Validate } from '../shape.js'
import { issuesText, type StandardSchema } from '../standard-schema.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { CONVERSATION } from './chat-request.js'

const DEFAULT_REPAIRS = 2
const MAX_REPAIRS = 8

function isSchema(value: unknown): value is StandardSchema {
  // arktype's schemas are functions.
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && typeof (value as Partial<StandardSchema>)['~standard']?.validate === 'function'
}

const schema: Validate = (value, path) =>
  isSchema(value) ? undefined : mismatch('a Standard Schema, such as one of zod', path, value)

const validate = shape({ ...CONVERSATION, schema, name: optional(text), repairs: optional(whole(0, MAX_REPAIRS)) })

/** Returns the JSON Schema that a model is told. */
function toldSchema(given: StandardSchema): JsonSchema {
  const advice = 'Use zod from 4.2, arktype, valibot through toStandardJsonSchema, or jsonSchema() of @aios/tools.'
  let derived: JsonSchema | undefined
  try {
    derived = derivedJsonSchema(given, 'input')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AiosError('AIOS_INVALID_SYSCALL', `Expected a schema for llm.json that JSON can express, got: ${why}.`, {
      cause,
    })
  }
  if (derived !== undefined) return derived
  const { vendor } = given['~standard']
  throw new AiosError(
    'AIOS_INVALID_SYSCALL',
    `Expected a schema for llm.json that tells its JSON Schema, got one of ${vendor} that does not. ${advice}`,
  )
}

/** Replaces the schema by its JSON Schema, which is plain data. */
function plain(request: unknown): unknown {
  const given = request as JsonRequest
  return { ...given, schema: toldSchema(given.schema) }
}

type Judged = { readonly value: unknown } | { readonly problem: string }

/** Checks a value; a schema that throws, instead of telling issues, is a fault of its own and none of the answer. */
async function checked(call: Syscall, given: StandardSchema, value: unknown): Promise<Judged> {
  try {
    const result = await given['~standard'].validate(value)
    return result.issues === undefined ? { value: result.value } : { problem: issuesText(result.issues) }
  } catch (cause) {
    if (AiosError.is(cause) || cause === call.extras?.signal?.reason) throw cause
    throw new AiosError(
      'AIOS_INVALID_SYSCALL',
      `Expected the schema of ${call.row.name} to tell what is wrong with an answer, but it threw: ${errorText(cause)}`,
      { cause },
    )
  }
}

async function judge(call: Syscall, reply: ChatReply, given: StandardSchema): Promise<Judged> {
  if (reply.finish.unified === 'length') return { problem: 'It was cut, as it was too long.' }
  const found = jsonIn(reply.text)
  return 'problem' in found ? found : checked(call, given, found.value)
}

function corrected(reply: ChatReply, problem: string): readonly Message[] {
  const content = `That is not what was asked for. ${problem}\nAnswer again, with the JSON alone.`
  return [reply.message, { role: 'user', content }]
}

/** Asks a model until what it writes passes the schema, or the repairs are used up. */
async function execute(call: Syscall): Promise<JsonReply> {
  const { schema: given, name = 'answer', repairs = DEFAULT_REPAIRS, ...request } = call.request as JsonRequest
  const { kernel, process, unhooked } = call.caller
  const sys = kernel.makeSys({ kernel, process, parent: call, unhooked })
  const responseFormat = { type: 'json', schema: toldSchema(given), name } as const
  const attempts: JsonAttempt[] = []
  const replies: ChatReply[] = []
  let messages = request.messages
  for (;;) {
    const reply = await sys.llm.chat({ ...request, messages, responseFormat })
    replies.push(reply)
    const judged = await judge(call, reply, given)
    if ('value' in judged) {
      attempts.push({ text: reply.text })
      return { value: judged.value, attempts, reply, usage: sumUsage(replies.map(({ usage }) => usage)) }
    }
    attempts.push({ text: reply.text, problem: judged.problem })
    if (reply.finish.unified === 'content-filter') throw filtered(call, reply)
    if (attempts.length > repairs) throw failed(call, attempts, judged.problem)
    messages = [...messages, ...corrected(reply, judged.problem)]
  }
}

function filtered({ row }: Syscall, { model }: ChatReply): AiosError {
  return new AiosError('AIOS_LLM_CONTENT_FILTER', `Expected an answer of ${model} for ${row.name}, got a refusal.`)
}

function failed({ row }: Syscall, attempts: readonly JsonAttempt[], problem: string): AiosError {
  const tries = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`
  return new AiosError(
    'AIOS_LLM_INVALID_OUTPUT',
    `Expected an answer that matches the schema of ${row.name}, got none in ${tries}. The last: ${problem}`,
    { details: { attempts } },
  )
}

/** Answers with a value that passes a schema. */
export const jsonRow: SyscallRow = {
  name: 'llm.json',
  validate,
  runs: 'direct',
  returns: 'promise',
  effect: 'repeatable',
  route: () => undefined,
  execute,
  plain,
}
