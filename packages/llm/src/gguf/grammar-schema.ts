import type { JsonSchema } from '@aios/kernel'
import { isRecord } from '../core/record.js'

/** Keys that the engine knows under another name. */
const RENAMED: Readonly<Record<string, string>> = { anyOf: 'oneOf', definitions: '$defs' }
/** Keys under which stand schemas by name. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
/** Keys under which stands data. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

const mapped = (value: Readonly<Record<string, unknown>>, change: (inner: unknown) => unknown): unknown =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]))

function translatedUnder(key: string, value: unknown): unknown {
  if (DATA.has(key)) return value
  if (key === '$ref' && typeof value === 'string') return value.replace('#/definitions/', '#/$defs/')
  return NAMED.has(key) && isRecord(value) ? mapped(value, translated) : translated(value)
}

function translated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(translated)
  if (!isRecord(value)) return value
  const schema = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [RENAMED[key] ?? key, translatedUnder(key, inner)]),
  ) as Record<string, unknown>
  // An object of which nothing is said may hold anything; to the engine it would be empty.
  if (schema['type'] === 'object' && schema['properties'] === undefined) schema['additionalProperties'] ??= true
  return schema
}

/** Translates a JSON Schema into what the engine makes grammars of. */
export function grammarSchema(schema: JsonSchema): JsonSchema {
  return translated(schema) as JsonSchema
}
