import { AiosError, derivedJsonSchema, plainJsonSchema, type JsonSchema } from '@aios/kernel/driver'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { failureText } from '../error/failure-text.js'
import { checkKeys, invalidOption } from '../error/invalid-option.js'
import { DEFAULT_OUTPUT_CHARS, DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS } from '../limits.js'
import type { InputOf, Tool, ToolDefinition } from './tool.js'

// Across copies of this package, as with AiosError.
const MARK = Symbol.for('aios.tool')
const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const KEYS = [
  'name',
  'description',
  'source',
  'input',
  'inputSchema',
  'output',
  'timeoutMs',
  'maxOutputChars',
  'conflictKeys',
  'idempotent',
  'execute',
] as const

/** Is a definition before anything about it is known. */
type Given = Readonly<Partial<Record<(typeof KEYS)[number], unknown>>>

/** Tells whether a value was made by {@link defineTool}. */
export function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[MARK] === true
}

function isSchema(value: unknown): value is StandardSchemaV1 {
  // Schemas of arktype are functions.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return typeof (value as Partial<StandardSchemaV1>)['~standard']?.validate === 'function'
}

function checkTexts({ name, source, description }: Given): void {
  const characters = '1 to 64 letters, digits, "_", "." or "-"'
  if (typeof name !== 'string' || !NAME.test(name)) throw invalidOption(characters, '"name" of defineTool', name)
  const where = `of the tool "${name}"`
  if (source !== undefined && (typeof source !== 'string' || !NAME.test(source))) {
    throw invalidOption(characters, `"source" ${where}`, source)
  }
  if (typeof description !== 'string' || description.trim() === '') {
    throw invalidOption('a sentence that tells a model what the tool does', `"description" ${where}`, description)
  }
}

function checkRest({ name, ...rest }: Given): void {
  const where = (key: string): string => `"${key}" of the tool "${String(name)}"`
  const { input, output, execute, conflictKeys, idempotent, timeoutMs = DEFAULT_TIMEOUT_MS } = rest
  const { maxOutputChars = DEFAULT_OUTPUT_CHARS } = rest
  const schema = 'a Standard Schema such as z.object({ … })'
  if (!isSchema(input)) throw invalidOption(schema, where('input'), input)
  if (output !== undefined && !isSchema(output)) throw invalidOption(schema, where('output'), output)
  if (typeof execute !== 'function') throw invalidOption('a function', where('execute'), execute)
  if (conflictKeys !== undefined && typeof conflictKeys !== 'function' && !Array.isArray(conflictKeys)) {
    throw invalidOption('a list of strings or a function that returns one', where('conflictKeys'), conflictKeys)
  }
  if (idempotent !== undefined && typeof idempotent !== 'boolean')
    throw invalidOption('true or false', where('idempotent'), idempotent)
  const isTime =
    timeoutMs === Infinity || (typeof timeoutMs === 'number' && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)
  if (!isTime) throw invalidOption('milliseconds from 1 to 2,147,483,647, or Infinity,', where('timeoutMs'), timeoutMs)
  if (typeof maxOutputChars !== 'number' || !(maxOutputChars >= 1)) {
    throw invalidOption('a number of at least 1', where('maxOutputChars'), maxOutputChars)
  }
}

/** Finds the JSON Schema that models see; each way it can be missing says what to do. */
function shownSchema(name: string, input: StandardSchemaV1, inputSchema: JsonSchema | undefined): JsonSchema {
  const give = 'give the option "inputSchema" with a JSON Schema'
  let shown: JsonSchema | undefined
  try {
    shown = inputSchema === undefined ? derivedJsonSchema(input, 'input') : plainJsonSchema(inputSchema)
  } catch (cause) {
    const message = `The input schema of the tool "${name}" has no JSON Schema form: ${failureText(cause)}. Change it, or ${give}.`
    throw new AiosError('AIOS_INVALID_OPTION', message, { cause })
  }
  if (shown === undefined) {
    const { vendor } = input['~standard']
    const valibot = vendor === 'valibot' ? 'wrap it in toStandardJsonSchema of "@valibot/to-json-schema", or ' : ''
    const message = `The input schema of the tool "${name}" (${vendor}) does not tell its JSON Schema: ${valibot}${give}.`
    throw new AiosError('AIOS_INVALID_OPTION', message)
  }
  if (shown['type'] !== 'object') {
    const got = `got ${JSON.stringify(shown['type'] ?? Object.keys(shown)[0] ?? 'no type')}`
    const message = `Expected an input schema of type "object" for the tool "${name}", as models pass nothing else, ${got}: wrap it in an object, or ${give}.`
    throw new AiosError('AIOS_INVALID_OPTION', message)
  }
  return shown
}

function shownOutput(output: StandardSchemaV1 | undefined): JsonSchema | undefined {
  if (output === undefined) return undefined
  try {
    return derivedJsonSchema(output, 'output')
  } catch {
    // Only a description is lost: results may be dates or maps, which JSON Schema cannot express.
    return undefined
  }
}

/**
 * Defines a tool: a function that agents and models call by name, with checked input.
 *
 * @returns a frozen tool; its full name is `<source>/<name>`, such as `local/add`
 * @throws AiosError `AIOS_INVALID_OPTION` if a key is unknown or a value impossible, or if `input` does not tell its JSON
 * Schema and no `inputSchema` is given
 * @example
 * ```ts
 * import { defineTool } from '@aios/tools'
 * import { z } from 'zod'
 *
 * const add = defineTool({
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   input: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => a + b,
 * })
 * console.log(add.name) // local/add
 * ```
 */
export function defineTool<S extends StandardSchemaV1, R, O = R>(
  definition: ToolDefinition<S, R, O>,
): Tool<InputOf<S>, O, R> {
  checkKeys(definition, KEYS, 'defineTool(definition)')
  checkTexts(definition)
  checkRest(definition)
  const { name, description, source = 'local', input, output, conflictKeys = [] } = definition
  const inputSchema = shownSchema(name, input, definition.inputSchema)
  const outputSchema = shownOutput(output)
  const keysOf = typeof conflictKeys === 'function' ? conflictKeys : (): readonly string[] => conflictKeys
  const tool: Tool<InputOf<S>, O, R> = {
    name: `${source}/${name}`,
    source,
    description,
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    input,
    output,
    timeoutMs: definition.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxOutputChars: definition.maxOutputChars ?? DEFAULT_OUTPUT_CHARS,
    conflictKeys: keysOf,
    idempotent: definition.idempotent ?? false,
    execute: (given, context) => definition.execute(given, context),
  }
  return Object.freeze(Object.defineProperty(tool, MARK, { value: true }))
}
