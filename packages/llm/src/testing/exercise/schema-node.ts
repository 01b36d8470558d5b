import { AiosError } from '@aios/kernel'

/** Is a JSON Schema that is an object. */
export type Schema = Readonly<Record<string, unknown>>

/** Makes the error of a schema that no value is made for. */
export function unsupported(path: string, what: string): AiosError {
  return new AiosError(
    'AIOS_UNSUPPORTED',
    `Expected a schema that a value can be made for, got ${what} at ${path}. Give the arguments by hand: exerciseTools({ inputs: { name: … } }).`,
    { details: { path } },
  )
}

function intersection(a: unknown, b: unknown, path: string): unknown {
  const [first, second] = [a, b].map((type) => (Array.isArray(type) ? type : [type]) as readonly string[])
  const both = first!.filter((type) => second!.includes(type) || (type === 'integer' && second!.includes('number')))
  if (first!.includes('number') && second!.includes('integer') && !both.includes('integer')) both.push('integer')
  if (both.length === 0) throw unsupported(path, `types that exclude each other (${String(a)}, ${String(b)})`)
  return both.length === 1 ? both[0] : both
}

const LEAST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
const MOST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const NOTES = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$schema',
  '$defs',
  'definitions',
  '$id',
]

function bothOf(key: string, pair: readonly [unknown, unknown], path: string): unknown {
  const [a, b] = pair
  if (key === 'type') return intersection(a, b, path)
  if (key === 'required') return [...new Set([...(a as string[]), ...(b as string[])])]
  if (key === 'properties') return mergedProperties(a as Schema, b as Schema)
  if (LEAST.includes(key)) return Math.min(a as number, b as number)
  if (MOST.includes(key)) return Math.max(a as number, b as number)
  if (key === 'enum') return (a as unknown[]).filter((one) => (b as unknown[]).some((other) => isSame(one, other)))
  if (key === 'allOf') return [...(a as unknown[]), ...(b as unknown[])]
  if (key === 'uniqueItems') return a === true || b === true
  if (key === 'items' || key === 'additionalProperties') {
    if (a === false || b === false) return false
    return { allOf: [a, b] }
  }
  if (NOTES.includes(key) || isSame(a, b)) return a
  throw unsupported(path, `two different "${key}" at once`)
}

function mergedProperties(a: Schema, b: Schema): Schema {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries(
    [...names].map((name) => [name, name in a && name in b ? { allOf: [a[name], b[name]] } : (a[name] ?? b[name])]),
  )
}

/** Compares two JSON values. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/**
 * Makes one schema of two that a value must both follow.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` where it does not know how
 */
export function mergedSchema(a: Schema, b: Schema, path: string): Schema {
  const merged: Record<string, unknown> = { ...a }
  for (const [key, value] of Object.entries(b))
    merged[key] = key in merged ? bothOf(key, [merged[key], value], path) : value
  return merged
}

/**
 * Follows a `$ref` within its document.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` if it leads nowhere, or elsewhere
 */
export function referred(root: unknown, ref: string, path: string): unknown {
  if (!/^#(\/|$)/.test(ref)) throw unsupported(path, `a reference to elsewhere, "${ref}",`)
  const steps = ref
    .split('/')
    .slice(1)
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
  let at: unknown = root
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step))
      throw unsupported(path, `a reference that leads nowhere, "${ref}",`)
    at = (at as Schema)[step]
  }
  return at
}
