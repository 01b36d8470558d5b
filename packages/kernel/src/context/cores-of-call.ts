import type { ChatRequest, CoreRequest } from '../driver/chat.js'
import type { LlmDriver } from '../driver/llm-driver.js'
import { describedTool } from '../syscall/rows/granted-tool.js'
import type { Syscall } from '../syscall/syscall.js'

/** Returns the cores that a call may still go to: those granted, of the model it names if it names one of theirs. */
export function coresOfCall(call: Syscall): readonly LlmDriver[] {
  const { grants } = call.owner
  const { model } = call.request as ChatRequest
  const granted = call.caller.kernel.lanes.llm
    .map((lane) => lane.device as LlmDriver)
    .filter(({ id }) => grants === undefined || grants.model(id))
  const named = granted.filter((core) => core.id === model || core.model === model)
  return named.length > 0 ? named : granted
}

/**
 * Returns the request of a call as a core would receive it; undefined if one of its tools is not there or not granted,
 * for which the call will be rejected when it is routed.
 */
export function coreRequestOf(call: Syscall): CoreRequest | undefined {
  const { tools, model: _, ...rest } = call.request as ChatRequest
  if (tools === undefined) return rest
  try {
    return { ...rest, tools: tools.map((tool) => describedTool(call, tool)) }
  } catch {
    return undefined
  }
}
