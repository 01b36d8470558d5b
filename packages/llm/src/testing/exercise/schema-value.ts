import { AiosError } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { pick, wholeBetween, type Random } from '../seeded-random.js'
import { isSame, mergedSchema, referred, unsupported, type Schema } from './schema-node.js'
import { textValue } from './text-value.js'

/** From here on only what must be there is made; and beyond the second, a schema is taken to be endless. */
const DEPTH = { sparse: 5, most: 40 } as const
const REFUSED = ['not', 'if', 'contains', 'dependentRequired', 'dependentSchemas', 'patternProperties', '$dynamicRef']
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const
const SPREAD = 100
const UNIQUE_TRIES = 50

/** Tells the type of a schema that does not name one by the keywords it has. */
const HINTS: readonly (readonly [string, RegExp])[] = [
  ['object', /^(properties|required|additionalProperties|minProperties|propertyNames)$/],
  ['array', /^(items|prefixItems|minItems|maxItems|uniqueItems)$/],
  ['string', /^(minLength|maxLength|pattern|format)$/],
  ['number', /^(minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf)$/],
]

interface Place {
  readonly path: string
  readonly depth: number
}

/** Makes values that follow a JSON Schema. */
class SchemaValue {
  readonly #root: unknown
  readonly #random: Random

  constructor(root: unknown, random: Random) {
    this.#root = root
    this.#random = random
  }

  make(given: unknown, place: Place): unknown {
    const { path, depth } = place
    if (depth > DEPTH.most) throw unsupported(path, 'a schema without end')
    if (given === true) return pick(this.#random, ['anything', 1, true])
    if (!isRecord(given)) throw unsupported(path, given === false ? 'a schema that nothing follows' : 'no schema')
    const schema = this.#resolved(given, place)
    const refused = REFUSED.find((key) => schema[key] !== undefined)
    if (refused !== undefined) throw unsupported(path, `the keyword "${refused}"`)
    if ('const' in schema) return schema['const']
    const branches = schema['anyOf'] ?? schema['oneOf']
    if (Array.isArray(branches)) return this.#branch(schema, branches, place)
    if (Array.isArray(schema['enum'])) return this.#listed(schema, schema['enum'], path)
    return this.#typed(schema, place)
  }

  /** Puts what `$ref` and `allOf` bring beside what stands there. */
  #resolved(given: Schema, { path, depth }: Place): Schema {
    let schema = given
    for (let step = depth; '$ref' in schema || 'allOf' in schema; step += 1) {
      if (step > DEPTH.most) throw unsupported(path, 'a reference that leads in a circle')
      const { $ref, allOf = [], ...rest } = schema
      const brought = [...(typeof $ref === 'string' ? [referred(this.#root, $ref, path)] : []), ...(allOf as unknown[])]
      schema = brought.reduce<Schema>((merged, each) => {
        if (each === true) return merged
        if (!isRecord(each)) throw unsupported(path, 'a schema that nothing follows')
        return mergedSchema(merged, each, path)
      }, rest)
    }
    return schema
  }

  #branch(schema: Schema, branches: readonly unknown[], { path, depth }: Place): unknown {
    const key = 'anyOf' in schema ? 'anyOf' : 'oneOf'
    const { [key]: _branches, ...rest } = schema
    const shuffled = branches.map((branch) => ({ branch, order: this.#random() }))
    // Deep down the shortest way out: what refers to nothing.
    const cost = (branch: unknown): number =>
      depth < DEPTH.sparse ? 0 : JSON.stringify(branch).includes('$ref') ? 1 : 0
    shuffled.sort((a, b) => cost(a.branch) - cost(b.branch) || a.order - b.order)
    let first: AiosError | undefined
    for (const { branch } of shuffled) {
      try {
        return this.make(
          { ...rest, allOf: [...((rest['allOf'] as unknown[] | undefined) ?? []), branch] },
          { path, depth: depth + 1 },
        )
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_UNSUPPORTED')) throw error
        first ??= error
      }
    }
    throw first ?? unsupported(path, `an empty "${key}"`)
  }

  #listed(schema: Schema, listed: readonly unknown[], path: string): unknown {
    const types = typesOf(schema)
    const values = listed.filter((value) => types === undefined || types.some((type) => isOfType(value, type)))
    if (values.length === 0) throw unsupported(path, 'an "enum" of which nothing is allowed')
    return pick(this.#random, values)
  }

  #typed(schema: Schema, place: Place): unknown {
    const types = typesOf(schema) ?? [HINTS.find(([, hint]) => Object.keys(schema).some((key) => hint.test(key)))?.[0]]
    const type = place.depth >= DEPTH.sparse && types.includes('null') ? 'null' : pick(this.#random, types)
    switch (type) {
      case 'object':
        return this.#object(schema, place)
      case 'array':
        return this.#array(schema, place)
      case 'number':
      case 'integer':
        return numberValue(schema, this.#random, { path: place.path, isWhole: type === 'integer' })
      case 'boolean':
        return this.#random() < 0.5
      case 'null':
        return null
      case 'string':
      case undefined:
        return textValue(schema, this.#random, place.path)
      default:
        throw unsupported(place.path, `the type "${type}"`)
    }
  }

  #object(schema: Schema, place: Place): Readonly<Record<string, unknown>> {
    const properties = (schema['properties'] ?? {}) as Schema
    const required = (schema['required'] ?? []) as readonly string[]
    const most = (schema['maxProperties'] ?? Number.POSITIVE_INFINITY) as number
    const made: [string, unknown][] = required.map((name) => [
      name,
      this.make(properties[name] ?? schema['additionalProperties'] ?? true, inner(place, `.${name}`)),
    ])
    const least = (schema['minProperties'] ?? 0) as number
    for (const name of Object.keys(properties)) {
      if (required.includes(name) || made.length >= most) continue
      const isWanted = place.depth < DEPTH.sparse && this.#random() < 0.5
      if (!isWanted && made.length >= least) continue
      made.push(...this.#optional(name, properties[name], place))
    }
    this.#addUntil(least, made, { schema, place })
    return Object.fromEntries(made)
  }

  /** What may be left out is, where nothing can be made for it. */
  #optional(name: string, schema: unknown, place: Place): [string, unknown][] {
    try {
      return [[name, this.make(schema, inner(place, `.${name}`))]]
    } catch (error) {
      if (AiosError.is(error, 'AIOS_UNSUPPORTED')) return []
      throw error
    }
  }

  /** Gives an object of free keys some, and any object as many as it must have. */
  #addUntil(
    least: number,
    made: [string, unknown][],
    { schema, place }: { readonly schema: Schema; readonly place: Place },
  ): void {
    const { additionalProperties, propertyNames = { type: 'string' } } = schema
    const isFree = isRecord(additionalProperties) && schema['properties'] === undefined && place.depth < DEPTH.sparse
    const most = (schema['maxProperties'] ?? Number.POSITIVE_INFINITY) as number
    const wanted = Math.min(most, Math.max(least, isFree ? 1 : 0))
    for (let attempt = 0; made.length < wanted && attempt < UNIQUE_TRIES; attempt += 1) {
      if (additionalProperties === false) break
      const name = String(this.make(propertyNames, inner(place, '(name)')))
      const isTaken = made.some(([taken]) => taken === name) || Object.hasOwn(schema['properties'] ?? {}, name)
      if (!isTaken) made.push([name, this.make(additionalProperties ?? true, inner(place, `.${name}`))])
    }
    if (made.length < least) throw unsupported(place.path, `"minProperties": ${least}`)
  }

  #array(schema: Schema, place: Place): readonly unknown[] {
    const prefix = (schema['prefixItems'] ?? []) as readonly unknown[]
    const items = schema['items'] ?? true
    const least = (schema['minItems'] ?? 0) as number
    const room = place.depth < DEPTH.sparse ? 2 : 0
    const natural = items === false ? prefix.length : Math.max(prefix.length, least) + room
    const most = Math.min((schema['maxItems'] ?? natural) as number, natural)
    if (most < least) throw unsupported(place.path, `"minItems": ${least}`)
    const count = wholeBetween(
      this.#random,
      Math.max(least, Math.min(prefix.length, most), Math.min(most, room && 1)),
      most,
    )
    const made: unknown[] = []
    for (let attempt = 0; made.length < count && attempt < count + UNIQUE_TRIES; attempt += 1) {
      const value = this.make(prefix[made.length] ?? items, inner(place, `[${made.length}]`))
      if (schema['uniqueItems'] === true && made.some((other) => isSame(other, value))) continue
      made.push(value)
    }
    if (made.length < least) throw unsupported(place.path, `"uniqueItems" with "minItems": ${least}`)
    return made
  }
}

const inner = ({ path, depth }: Place, step: string): Place => ({ path: `${path}${step}`, depth: depth + 1 })

function typesOf({ type }: Schema): readonly string[] | undefined {
  if (type === undefined) return undefined
  return Array.isArray(type) ? (type as readonly string[]) : [type as string]
}

function isOfType(value: unknown, type: string): boolean {
  if (value === null) return type === 'null'
  if (Array.isArray(value)) return type === 'array'
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type && (TYPES as readonly string[]).includes(type)
}

interface NumberPlace {
  readonly path: string
  readonly isWhole: boolean
}

/** Makes a number in its bounds: whole where it must be or may, since those are exact. */
function numberValue(schema: Schema, random: Random, { path, isWhole }: NumberPlace): number {
  const bounds = schema as Readonly<Record<string, number | undefined>>
  const step = bounds['multipleOf'] ?? 1
  const above = bounds['exclusiveMinimum'] ?? Number.NEGATIVE_INFINITY
  const below = bounds['exclusiveMaximum'] ?? Number.POSITIVE_INFINITY
  const least = Math.max(bounds['minimum'] ?? Number.NEGATIVE_INFINITY, above)
  const most = Math.min(bounds['maximum'] ?? Number.POSITIVE_INFINITY, below)
  const from = Number.isFinite(least) ? least : Number.isFinite(most) ? most - SPREAD * step : 0
  const to = Math.min(most, from + SPREAD * step)
  const [first, last] = [Math.ceil(from / step), Math.floor(to / step)]
  const isRight = (value: number): boolean =>
    value >= least && value <= most && value > above && value < below && (!isWhole || Number.isInteger(value))
  const steps = Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => (first + n) * step).filter(isRight)
  if (steps.length > 0) return pick(random, steps)
  const between = from + (to - from) / 2
  if (!isWhole && bounds['multipleOf'] === undefined && isRight(between)) return between
  throw unsupported(path, `a number for ${JSON.stringify(schema)}`)
}

/**
 * Makes a value that follows a JSON Schema (2020-12): the same for the same chance.
 *
 * @throws AiosError `AIOS_UNSUPPORTED`, naming the place, for a schema that it can make nothing for
 */
export function schemaValue(schema: unknown, random: Random, path = 'the value'): unknown {
  return new SchemaValue(schema, random).make(schema, { path, depth: 0 })
}
