import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'

const BEGINS_WELL = /^[A-Za-z_]/

/**
 * Makes the name map of one request. Gemini also wants the first character to be a letter or an underscore, so a name that
 * begins otherwise gets an underscore in front.
 *
 * @param names - every tool name of the request: those offered and those in the conversation
 */
export function functionNames(names: Iterable<string>): ToolNameMap {
  const all = new Set(names)
  const stood = new Map<string, string>()
  const originals = new Map<string, string>()
  for (const name of all) {
    if (BEGINS_WELL.test(name)) continue
    let standIn = `_${name}`
    while (all.has(standIn) || originals.has(standIn)) standIn = `_${standIn}`
    stood.set(name, standIn)
    originals.set(standIn, name)
  }
  const map = toolNameMap([...all].map((name) => stood.get(name) ?? name))
  return {
    toWire: (name) => map.toWire(stood.get(name) ?? name),
    fromWire(wireName) {
      const name = map.fromWire(wireName)
      return originals.get(name) ?? name
    },
  }
}
