import type { CoreRequest, CoreWarning, JsonSchema, ToolSpec } from '@aios/kernel'
import type { Llama, LlamaGrammar } from 'node-llama-cpp'
import { forcedTools, toolsBesideJson } from '../local/forced-tools.js'
import type { AnswerForm } from '../local/local-engine.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import { grammarSchema } from './grammar-schema.js'

/** Says what an answer looks like, and the grammar that holds the model to it. */
export interface AnswerRule {
  readonly form: AnswerForm
  readonly grammar?: LlamaGrammar | undefined
  readonly warnings: readonly CoreWarning[]
}

/** Is what a rule is made from. */
interface Wanted {
  readonly llama: Llama
  readonly request: CoreRequest
  readonly names: ToolNameMap
}

const ANY_OBJECT: JsonSchema = { type: 'object', additionalProperties: true }

// The engine's types know a schema only where it is written out.
const grammarOf = (llama: Llama, schema: JsonSchema): Promise<LlamaGrammar> =>
  llama.createGrammarForJsonSchema(grammarSchema(schema) as { readonly type: 'object' })

const tooHard = (setting: string, cause: unknown): CoreWarning => ({
  setting,
  message: `The engine cannot make a grammar of the schema (${(cause as Error).message}); only JSON is enforced.`,
})

const callSchema = (tools: readonly { readonly name: string; readonly inputSchema: JsonSchema }[]): JsonSchema => ({
  oneOf: tools.map(({ name, inputSchema }) => ({
    type: 'object',
    properties: { name: { const: name }, arguments: inputSchema },
  })),
})

async function callRule({ llama, names }: Wanted, tools: readonly ToolSpec[]): Promise<AnswerRule> {
  const calls = tools.map(({ name, inputSchema }) => ({ name: names.toWire(name), inputSchema }))
  try {
    return { form: 'call', grammar: await grammarOf(llama, callSchema(calls)), warnings: [] }
  } catch (error) {
    const loose = calls.map(({ name }) => ({ name, inputSchema: ANY_OBJECT }))
    return { form: 'call', grammar: await grammarOf(llama, callSchema(loose)), warnings: [tooHard('tools', error)] }
  }
}

async function jsonRule({ llama, request }: Wanted, schema: JsonSchema | undefined): Promise<AnswerRule> {
  const warnings: CoreWarning[] = toolsBesideJson(request)
  const anyJson = (): Promise<LlamaGrammar> => llama.getGrammarFor('json')
  if (schema === undefined) return { form: 'json', grammar: await anyJson(), warnings }
  try {
    return { form: 'json', grammar: await grammarOf(llama, schema), warnings }
  } catch (error) {
    return { form: 'json', grammar: await anyJson(), warnings: [...warnings, tooHard('responseFormat', error)] }
  }
}

/**
 * Returns the rule for the answer to a request. A demanded tool call goes before demanded JSON.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if a tool is demanded that is not offered
 */
export async function answerRule(wanted: Wanted): Promise<AnswerRule> {
  const { responseFormat } = wanted.request
  const forced = forcedTools(wanted.request)
  if (forced !== undefined) return callRule(wanted, forced)
  if (responseFormat?.type === 'json') return jsonRule(wanted, responseFormat.schema)
  return { form: 'prose', warnings: [] }
}
