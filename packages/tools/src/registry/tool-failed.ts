import { AiosError } from '@aios/kernel/driver'
import { failureText } from '../error/failure-text.js'
import type { Tool } from './tool.js'

/**
 * Wraps what a tool threw. The outer error can be tried again exactly if the inner one can.
 *
 * @param tool - the tool that threw
 * @param what - what failed, such as `failed` or `could not name its conflict keys`
 * @param cause - what was thrown, kept untouched
 */
export function toolFailed(tool: Tool, what: string, cause: unknown): AiosError {
  const inner = AiosError.is(cause) ? cause : undefined
  return new AiosError('AIOS_TOOL_FAILED', `Tool "${tool.name}" ${what}: ${failureText(cause)}`, {
    cause,
    retryable: inner?.retryable ?? false,
    ...(inner?.retryAfterMs === undefined ? {} : { retryAfterMs: inner.retryAfterMs }),
    details: { tool: tool.name, ...(inner === undefined ? {} : { causeCode: inner.code }) },
  })
}
