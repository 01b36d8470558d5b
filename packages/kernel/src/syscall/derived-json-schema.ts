import type { JsonSchema } from '../driver/message.js'
import type { StandardSchema } from './standard-schema.js'

/** Is the part of the Standard JSON Schema interface that is called here. */
interface JsonSchemaConverter {
  input(options: { readonly target: string }): JsonSchema
  output(options: { readonly target: string }): JsonSchema
}

function isConverter(value: unknown): value is JsonSchemaConverter {
  return typeof (value as JsonSchemaConverter | undefined)?.input === 'function'
}

/** Freezes plain data all the way down: one tool is shown to many agents. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const child of Object.values(Object.freeze(value))) frozen(child)
  return value
}

/** Copies a JSON Schema into frozen plain data, without the `$schema` line that says nothing to a model. */
export function plainJsonSchema(schema: JsonSchema): JsonSchema {
  const { $schema: _dialect, ...rest } = JSON.parse(JSON.stringify(schema)) as Record<string, unknown>
  return frozen(rest)
}

/**
 * Asks a schema for its JSON Schema (2020-12) through the Standard JSON Schema interface (standardschema.dev/json-schema),
 * which zod from 4.2 and arktype from 2.1.28 implement; valibot does so once wrapped by `toStandardJsonSchema` of
 * `@valibot/to-json-schema`.
 *
 * @param schema - any Standard Schema
 * @param side - whether what goes in or what comes out is described
 * @returns undefined if the schema's library does not implement the interface
 * @throws whatever the library throws about a type that JSON Schema cannot express
 */
export function derivedJsonSchema(schema: StandardSchema, side: 'input' | 'output'): JsonSchema | undefined {
  const { jsonSchema } = schema['~standard'] as { readonly jsonSchema?: unknown }
  if (!isConverter(jsonSchema)) return undefined
  return plainJsonSchema(jsonSchema[side]({ target: 'draft-2020-12' }))
}
