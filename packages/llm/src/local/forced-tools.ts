import { AiosError, type CoreRequest, type ToolSpec } from '@aios/kernel/driver'
import { chosenTool } from '../tool-call/request-tools.js'

/**
 * Returns the tools of which one must be called; undefined if none must.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if a tool is demanded that is not offered
 */
export function forcedTools(request: CoreRequest): readonly ToolSpec[] | undefined {
  const { tools = [], toolChoice } = request
  if (toolChoice === 'required') {
    if (tools.length > 0) return tools
    throw new AiosError('AIOS_LLM_BAD_REQUEST', 'Expected tools beside toolChoice "required", got none.')
  }
  if (typeof toolChoice !== 'object') return undefined
  const wanted = chosenTool(toolChoice.tool, request)
  return tools.filter(({ name }) => name === wanted)
}

/** Says that an answer in JSON calls no tools, where the request wants both. */
export function toolsBesideJson({ tools = [], toolChoice }: CoreRequest): { setting: string; message: string }[] {
  if (tools.length === 0 || toolChoice === 'none') return []
  return [{ setting: 'tools', message: 'An answer that must be JSON cannot call tools here.' }]
}
