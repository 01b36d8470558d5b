import { describe } from '../error/describe.js'
import type { Tool } from './tool.js'
import { toolFailed } from './tool-failed.js'

/**
 * Returns the locks that one call must hold: each once, in the order of their code units, so that two calls that share
 * several always take them in the same order.
 *
 * @throws AiosError `AIOS_TOOL_FAILED` if the tool throws or returns anything but a list of strings
 */
export function conflictKeysOf(tool: Tool, input: unknown): readonly string[] {
  let keys: unknown
  try {
    keys = tool.conflictKeys(input)
    if (!Array.isArray(keys)) throw new TypeError(`expected a list of strings, got ${describe(keys)}`)
    const odd = keys.findIndex((key) => typeof key !== 'string' || key === '')
    if (odd >= 0) throw new TypeError(`expected a string that is not empty at ${odd}, got ${describe(keys[odd])}`)
  } catch (cause) {
    throw toolFailed(tool, 'could not name its conflict keys', cause)
  }
  return [...new Set(keys as string[])].sort()
}
