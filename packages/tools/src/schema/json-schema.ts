import { createRequire } from 'node:module'
import { AiosError, plainJsonSchema, type JsonSchema } from '@aios/kernel/driver'
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { Ajv2020, ErrorObject, Options, ValidateFunction } from 'ajv/dist/2020.js'
import { failureText } from '../error/failure-text.js'
import { invalidOption } from '../error/invalid-option.js'

/** Is what {@link jsonSchema} returns: a Standard Schema that also tells its JSON Schema. */
export interface JsonSchemaInput<T> {
  readonly '~standard': StandardSchemaV1.Props<unknown, T> & StandardJSONSchemaV1.Props<unknown, T>
}

// Typos in keywords are errors; formats are annotations, as draft 2020-12 has it; every issue is reported.
const OPTIONS: Options = {
  meta: false,
  validateSchema: false,
  allErrors: true,
  validateFormats: false,
  strictTypes: false,
  strictTuples: false,
}

/** Loads ajv on first use only: it takes longer to load than all the rest of this package. */
function loadAjv(): typeof Ajv2020 {
  const loaded = createRequire(import.meta.url)('ajv/dist/2020.js') as { readonly Ajv2020: typeof Ajv2020 }
  return loaded.Ajv2020
}

/** Remembers one instance that only checks schemas: it keeps nothing of what it checks, and takes long to warm up. */
function rememberedChecker(): () => Ajv2020 {
  let checker: Ajv2020 | undefined
  return () => (checker ??= new (loadAjv())({ validateFormats: false, strict: false }))
}

const schemaChecker = rememberedChecker()

/** Compiles in an instance of its own, so that equal `$id`s of two schemas never meet. */
function compiled(schema: JsonSchema): { readonly plain: JsonSchema; readonly isValid: ValidateFunction } {
  try {
    const plain = plainJsonSchema(schema)
    const checker = schemaChecker()
    if (checker.validateSchema(schema) !== true)
      throw new Error(checker.errorsText(checker.errors, { dataVar: 'schema' }))
    return { plain, isValid: new (loadAjv())(OPTIONS).compile(plain) }
  } catch (cause) {
    const message = `Expected a JSON Schema of draft 2020-12 for jsonSchema(schema), got one that fails: ${failureText(cause)}.`
    throw new AiosError('AIOS_INVALID_OPTION', message, { cause })
  }
}

function unescaped(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function issueOf(error: ErrorObject): StandardSchemaV1.Issue {
  const { additionalProperty, allowedValues, allowedValue } = error.params as Readonly<Record<string, unknown>>
  const detail = additionalProperty ?? allowedValues ?? allowedValue
  const message = error.message ?? error.keyword
  const path = unescaped(error.instancePath)
  return { path, message: detail === undefined ? message : `${message}: ${JSON.stringify(detail)}` }
}

/**
 * Makes a Standard Schema from a plain JSON Schema (draft 2020-12), validated by ajv. `format` and `default` are
 * annotations: they neither reject nor change a value. Unknown keywords are rejected.
 *
 * @typeParam T - what a valid value is; the schema cannot tell the compiler
 * @throws AiosError `AIOS_INVALID_OPTION` if the schema is not valid or refers to one that is not in it
 * @example
 * ```ts
 * import { defineTool, jsonSchema } from '@aios/tools'
 *
 * const shout = defineTool({
 *   name: 'shout',
 *   description: 'Returns a text in capitals.',
 *   input: jsonSchema<{ text: string }>({
 *     type: 'object',
 *     properties: { text: { type: 'string', maxLength: 100 } },
 *     required: ['text'],
 *     additionalProperties: false,
 *   }),
 *   execute: ({ text }) => text.toUpperCase(),
 * })
 * ```
 */
export function jsonSchema<T = unknown>(schema: JsonSchema): JsonSchemaInput<T> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw invalidOption('a JSON Schema object', 'jsonSchema(schema)', schema)
  }
  const { plain, isValid } = compiled(schema)
  const validate = (value: unknown): StandardSchemaV1.Result<T> =>
    isValid(value) ? { value: value as T } : { issues: (isValid.errors ?? []).map(issueOf) }
  return {
    '~standard': { version: 1, vendor: 'aios', validate, jsonSchema: { input: () => plain, output: () => plain } },
  }
}
