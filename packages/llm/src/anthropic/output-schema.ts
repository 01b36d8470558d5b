import type { JsonSchema } from '@aios/kernel'
import { isRecord } from '../core/record.js'

type Node = Readonly<Record<string, unknown>>

/** Formats of strings that the API enforces. */
const FORMATS: readonly unknown[] = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]
const LEAVES: readonly unknown[] = ['string', 'integer', 'number', 'boolean', 'null']
const DEFINED = /^#\/\$defs\/([^/]+)$/

/** Is thrown where a schema allows answers that the API cannot be made to give. */
class Inexpressible extends Error {}

const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object'

/** Puts what the API does not enforce into the description, where the model reads it. */
function described(kept: Node, rest: Node): Node {
  const entries = Object.entries(rest).filter(([key]) => key !== '$schema' && key !== '$id')
  if (entries.length === 0) return kept
  const told = entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')
  const said = kept['description']
  return { ...kept, description: typeof said === 'string' ? `${said}\n{${told}}` : `{${told}}` }
}

/** Translates one schema with all that it refers to. */
class Translation {
  readonly #defs: Node
  /** Definitions that are translated already, or are just being so: the API rejects one that holds itself. */
  readonly #done = new Map<string, Node | undefined>()

  constructor({ $defs }: Node) {
    this.#defs = isRecord($defs) ? $defs : {}
  }

  whole({ $defs: _defs, ...root }: Node): JsonSchema {
    const translated = this.#node(root)
    return this.#done.size === 0 ? translated : { ...translated, $defs: Object.fromEntries(this.#done) }
  }

  #node(given: unknown): Node {
    if (!isRecord(given)) throw new Inexpressible()
    const { $ref, title, description, ...node } = given
    const notes = {
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof description === 'string' ? { description } : {}),
    }
    if ($ref !== undefined) return this.#reference($ref)
    if (node['enum'] !== undefined || node['const'] !== undefined) return literal(node, notes)
    const { anyOf, oneOf = anyOf, allOf, ...rest } = node
    if (Array.isArray(oneOf)) {
      if (allOf !== undefined || (anyOf !== undefined && anyOf !== oneOf)) throw new Inexpressible()
      const { type: _type, ...other } = rest
      if (other['properties'] !== undefined) throw new Inexpressible()
      return described({ ...notes, anyOf: oneOf.map((each) => this.#node(each)) }, other)
    }
    if (Array.isArray(allOf)) {
      // Two closed objects have no value in common.
      if (allOf.length !== 1 || Object.keys(rest).length > 0) throw new Inexpressible()
      return { ...this.#node(allOf[0]), ...notes }
    }
    if (rest['type'] === 'object') return this.#object(rest, notes)
    return rest['type'] === 'array' ? this.#array(rest, notes) : leaf(rest, notes)
  }

  #reference(ref: unknown): Node {
    const [, name] = DEFINED.exec(String(ref)) ?? []
    if (name === undefined || !Object.hasOwn(this.#defs, name)) throw new Inexpressible()
    if (!this.#done.has(name)) {
      this.#done.set(name, undefined)
      this.#done.set(name, this.#node(this.#defs[name]))
    } else if (this.#done.get(name) === undefined) throw new Inexpressible()
    return { $ref: ref }
  }

  #object({ type, properties, required, additionalProperties, ...rest }: Node, notes: Node): Node {
    const wanted: unknown = required ?? []
    const known = properties ?? {}
    if (!isRecord(known) || !Array.isArray(wanted)) throw new Inexpressible()
    const names = Object.keys(known)
    const isOpen = (additionalProperties ?? properties === undefined) !== false
    // Closed, it could only be empty.
    const isMap = names.length === 0 && (isOpen || rest['patternProperties'] !== undefined)
    if (isMap || wanted.some((name) => !names.includes(name as string))) throw new Inexpressible()
    const translated = Object.fromEntries(names.map((name) => [name, this.#node(known[name])]))
    const kept = {
      ...notes,
      type,
      properties: translated,
      ...(required === undefined ? {} : { required }),
      additionalProperties: false,
    }
    return described(kept, rest)
  }

  #array({ type, items, minItems, prefixItems, ...rest }: Node, notes: Node): Node {
    if (prefixItems !== undefined) throw new Inexpressible()
    const isKept = minItems === 0 || minItems === 1
    const kept = { ...notes, type, items: this.#node(items), ...(isKept ? { minItems } : {}) }
    return described(kept, isKept || minItems === undefined ? rest : { minItems, ...rest })
  }
}

function literal({ type, enum: values, const: value, ...rest }: Node, notes: Node): Node {
  const all: unknown = values ?? [value]
  if (!Array.isArray(all) || !all.every(isPlain)) throw new Inexpressible()
  const kept = values === undefined ? { const: value } : { enum: values }
  return described({ ...notes, ...(type === undefined ? {} : { type }), ...kept }, rest)
}

function leaf({ type, format, ...rest }: Node, notes: Node): Node {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  if (types.length === 0 || !types.every((each) => LEAVES.includes(each))) throw new Inexpressible()
  const isKept = FORMATS.includes(format)
  const kept = { ...notes, type, ...(isKept ? { format } : {}) }
  return described(kept, isKept || format === undefined ? rest : { format, ...rest })
}

/**
 * Writes a JSON Schema in the part of the language that structured outputs of the API take: every object closed, no bounds of numbers
 * and lengths, no tuples. What is not enforced is told in the description.
 *
 * @returns undefined for a schema that cannot be written so, such as that of a map, of anything, or of what holds itself
 */
export function toOutputSchema(schema: JsonSchema): JsonSchema | undefined {
  try {
    return new Translation(schema).whole(schema)
  } catch (error) {
    if (error instanceof Inexpressible) return undefined
    throw error
  }
}
