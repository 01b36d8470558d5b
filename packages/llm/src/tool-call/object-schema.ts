import type { JsonSchema } from '@aios/kernel'
import { isRecord } from '../core/record.js'

type Fields = Readonly<Record<string, unknown>>

const COMBINING = ['oneOf', 'anyOf', 'allOf', 'not', 'enum']

const branches = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const namesIn = ({ required }: Fields): readonly unknown[] => (Array.isArray(required) ? required : [])

/** Returns what at least one of the schemas says of each property; of several different ones any. */
function mergedProperties(schemas: readonly Fields[]): Fields {
  const said = new Map<string, Map<string, unknown>>()
  for (const { properties } of schemas)
    for (const [name, schema] of Object.entries(isRecord(properties) ? properties : {}))
      said.set(name, (said.get(name) ?? new Map<string, unknown>()).set(JSON.stringify(schema), schema))
  return Object.fromEntries(
    [...said].map(([name, ways]) => {
      const different = [...ways.values()]
      return [name, different.length === 1 ? different[0] : { anyOf: different }]
    }),
  )
}

/**
 * Writes the schema of a tool's arguments as providers insist on it: of type object, with `properties`, and without `oneOf`, `anyOf`, `allOf`, `not`
 * and `enum` at its root. They refuse the whole request for one such tool, and servers of MCP have them. What its branches say is
 * joined, and told in the description as it was; whoever runs the tool checks it.
 */
export function objectSchema(schema: JsonSchema): JsonSchema {
  const combined = Object.entries(schema).filter(([key]) => COMBINING.includes(key))
  if (combined.length === 0) return { type: 'object', properties: {}, ...schema }
  const rest: Fields = Object.fromEntries(Object.entries(schema).filter(([key]) => !COMBINING.includes(key)))
  const every = branches(schema['allOf'])
  const choices = [branches(schema['oneOf']), branches(schema['anyOf'])].filter(({ length }) => length > 0)
  const always = [rest, ...every].flatMap(namesIn)
  const inEach = choices.flatMap(([first, ...others]) =>
    namesIn(first!).filter((name) => others.every((other) => namesIn(other).includes(name))),
  )
  const required = [...new Set([...always, ...inEach])]
  const told = combined.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')
  const { description } = rest
  return {
    ...rest,
    type: 'object',
    description: typeof description === 'string' ? `${description}\n{${told}}` : `{${told}}`,
    properties: mergedProperties([rest, ...every, ...choices.flat()]),
    ...(required.length === 0 ? {} : { required }),
  }
}
