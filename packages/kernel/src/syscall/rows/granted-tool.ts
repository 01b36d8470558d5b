import { denied, type CompiledGrants } from '../../access/compiled-grants.js'
import type { ToolSpec } from '../../driver/chat.js'
import type { ToolDriver, ToolInfo } from '../../driver/tool-driver.js'
import { AiosError } from '../../error/aios-error.js'
import { describe } from '../../error/describe.js'
import type { Syscall } from '../syscall.js'

/** Granted tools that an error names where the device suggests none of them. */
const NAMED = 5

/**
 * Resolves the name of a tool for a call, whose process must have been granted it.
 *
 * @throws AiosError `AIOS_NO_SUCH_TOOL`, `AIOS_ACCESS_DENIED`; neither names a tool that the caller does not know
 */
export function grantedTool(call: Syscall, driver: ToolDriver, given: string): ToolInfo {
  const { grants } = call.owner
  if (grants === undefined) return driver.resolve(given)
  const tool = resolveFor(grants, driver, given)
  if (!grants.tool(tool.name)) throw denied(`Tool "${tool.name}"`, grants.granted('tools'))
  return tool
}

/**
 * Describes a tool to a model, if the process may use it.
 *
 * @throws AiosError `AIOS_NO_DEVICE`, `AIOS_NO_SUCH_TOOL`, `AIOS_ACCESS_DENIED`
 */
export function describedTool(call: Syscall, tool: string | ToolSpec): ToolSpec {
  if (typeof tool !== 'string') return tool
  const tools = call.caller.kernel.lanes.get('tool')
  if (tools === undefined) throw new AiosError('AIOS_NO_DEVICE', `No tool device is there to describe tool "${tool}".`)
  const { description, inputSchema } = grantedTool(call, tools.device as ToolDriver, tool)
  return { name: tool, description, inputSchema }
}

function resolveFor(grants: CompiledGrants, driver: ToolDriver, given: string): ToolInfo {
  try {
    return driver.resolve(given)
  } catch (error) {
    if (!AiosError.is(error) || error.code !== 'AIOS_NO_SUCH_TOOL') throw error
    const all = driver.list().map(({ name }) => name)
    const granted = all.filter((name) => grants.tool(name))
    // Not even as a cause: what the device suggests is for those who may use all of it.
    throw granted.length === all.length ? error : unknownTool(given, granted, error.details['candidates'])
  }
}

/** Makes the error of a name that no tool has, for a process that may use some tools only. */
function unknownTool(given: string, granted: readonly string[], suggested: unknown): AiosError {
  const near = Array.isArray(suggested) ? granted.filter((name) => suggested.includes(name)) : []
  const candidates = near.length > 0 ? near : granted.slice(0, NAMED)
  const named = candidates.length === 0 ? '' : ` Granted: ${candidates.join(', ')}.`
  return new AiosError(
    'AIOS_NO_SUCH_TOOL',
    `Expected the full name of one of ${granted.length} tools that were granted, got ${describe(given)}.${named} sys.tool.list() tells all.`,
    { details: { candidates } },
  )
}
