const LEGAL = /^[A-Za-z0-9_-]{1,64}$/
const ILLEGAL_CHARACTER = /[^A-Za-z0-9_-]/g
const MAX_CHARS = 64

/** Translates the tool names of one request into names that providers accept, and back. */
export interface ToolNameMap {
  /** Returns the name to send: 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
  toWire(name: string): string
  /** Returns the name that was sent as `wireName`; one that the model made up stays as it is. */
  fromWire(wireName: string): string
}

function legalised(name: string): string {
  return name.replace(ILLEGAL_CHARACTER, '_').slice(0, MAX_CHARS) || '_'
}

function unused(wanted: string, taken: ReadonlyMap<string, string>): string {
  let candidate = wanted
  for (let n = 2; taken.has(candidate); n += 1) {
    const suffix = `_${n}`
    candidate = wanted.slice(0, MAX_CHARS - suffix.length) + suffix
  }
  return candidate
}

/**
 * Makes the map for one request. Legal names stay what they are, so `a__b` survives; the others get a legal stand-in
 * that collides with none.
 *
 * @param names - every tool name of the request: those offered and those in the conversation
 * @example
 * ```ts
 * import { toolNameMap } from '@aios/llm'
 *
 * const names = toolNameMap(['files/read', 'a__b'])
 * names.toWire('files/read') // 'files_read'
 * names.fromWire('files_read') // 'files/read'
 * names.toWire('a__b') // 'a__b'
 * ```
 */
export function toolNameMap(names: Iterable<string>): ToolNameMap {
  const wireNames = new Map<string, string>()
  const originals = new Map<string, string>()
  const add = (name: string, wireName: string): void => {
    wireNames.set(name, wireName)
    originals.set(wireName, name)
  }
  const all = [...new Set(names)]
  for (const name of all) if (LEGAL.test(name)) add(name, name)
  for (const name of all) if (!LEGAL.test(name)) add(name, unused(legalised(name), originals))
  return {
    toWire: (name) => wireNames.get(name) ?? legalised(name),
    fromWire: (wireName) => originals.get(wireName) ?? wireName,
  }
}
