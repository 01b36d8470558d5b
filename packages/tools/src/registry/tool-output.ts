import { AiosError } from '@aios/kernel/driver'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { failureText } from '../error/failure-text.js'
import { issueList, issuesText } from '../schema/issue-list.js'
import type { Tool } from './tool.js'

function invalid(
  tool: Tool,
  what: string,
  more: { readonly cause?: unknown; readonly issues?: unknown } = {},
): AiosError {
  const { cause, ...details } = more
  return new AiosError('AIOS_INVALID_TOOL_OUTPUT', `Tool "${tool.name}" returned ${what}`, {
    ...('cause' in more ? { cause } : {}),
    details: { tool: tool.name, ...details },
  })
}

/** Counts the characters of one value without what it holds, and puts what it holds on the pile. */
function charsOf(value: unknown, pile: unknown[]): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return String(value).length
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength
  // One at a time: a list may be too long to be spread into arguments.
  const push = (children: Iterable<unknown>): void => {
    for (const child of children) pile.push(child)
  }
  if (value instanceof Map) push(value.keys())
  if (value instanceof Map || value instanceof Set) push(value.values())
  push(Object.values(value))
  // Two brackets, and a comma between two items.
  if (Array.isArray(value)) return 1 + Math.max(1, value.length)
  const keys = Object.keys(value)
  return 2 + keys.length + keys.join('').length
}

/**
 * Tells whether a value holds more characters than allowed. What is referred to twice counts twice, as it does when
 * written as JSON, so that a value that refers to itself is always too long.
 */
function isLonger(value: unknown, most: number): boolean {
  if (most === Infinity) return false
  const pile: unknown[] = [value]
  let chars = 0
  while (pile.length > 0 && chars <= most) chars += charsOf(pile.pop(), pile)
  return chars > most
}

/** Copies a result, so that the tool can no longer change it; primitives are their own copy. */
function copied(tool: Tool, value: unknown): unknown {
  let copy = value
  if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol') {
    try {
      copy = structuredClone(value)
    } catch (cause) {
      throw invalid(
        tool,
        `something that cannot be copied: ${failureText(cause)} Return plain data: no functions, symbols or handles.`,
        { cause },
      )
    }
  }
  if (isLonger(copy, tool.maxOutputChars)) {
    throw invalid(
      tool,
      `more than ${tool.maxOutputChars} characters, or a value that refers to itself. Return less, or raise "maxOutputChars".`,
    )
  }
  return copy
}

function valid(tool: Tool, result: StandardSchemaV1.Result<unknown>): unknown {
  if (result.issues === undefined) return copied(tool, result.value)
  const issues = issueList(result.issues)
  throw invalid(tool, `what its own schema forbids: ${issuesText(result.issues)}.`, { issues })
}

/**
 * Checks what a tool returned: against its schema if it has one, for being plain data, for its length.
 *
 * @returns a copy that shares nothing with the tool; a promise if the schema validates asynchronously
 * @throws AiosError `AIOS_INVALID_TOOL_OUTPUT`
 */
export function checkOutput(tool: Tool, value: unknown): unknown {
  if (tool.output === undefined) return copied(tool, value)
  const broken = (cause: unknown): never => {
    throw invalid(tool, `something on which its output schema threw: ${failureText(cause)}`, { cause })
  }
  let result: StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>
  try {
    result = tool.output['~standard'].validate(value)
  } catch (cause) {
    return broken(cause)
  }
  if (!(result instanceof Promise)) return valid(tool, result)
  return result.then((settled) => valid(tool, settled), broken)
}
