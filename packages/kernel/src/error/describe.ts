/** Describes a value in a few words for an error message, without ever printing its content in full. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  if (typeof value === 'bigint') return `${value}n`
  // A view has a key for each byte, which may be more than there is room for.
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (typeof value === 'object') return `an object with ${Object.keys(value).length} keys`
  return `a ${typeof value}`
}

/** Says in one sentence what was expected and what came: `Expected a positive integer for "limit", got -1.` */
export function expected(what: string, name: string, got: unknown): string {
  return `Expected ${what} for "${name}", got ${describe(got)}.`
}
