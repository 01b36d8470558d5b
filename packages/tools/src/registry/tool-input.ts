import { AiosError } from '@aios/kernel/driver'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { issueList, issuesText } from '../schema/issue-list.js'
import type { Tool } from './tool.js'
import { toolFailed } from './tool-failed.js'

type Result = StandardSchemaV1.Result<unknown>

/** Starts the validation of an input; a schema that throws, instead of telling issues, is a fault of the tool. */
export function validateInput(tool: Tool, input: unknown): Result | Promise<Result> {
  const broken = (cause: unknown): never => {
    throw toolFailed(tool, 'could not check its input', cause)
  }
  try {
    const result = tool.input['~standard'].validate(input)
    return result instanceof Promise ? result.catch(broken) : result
  } catch (cause) {
    return broken(cause)
  }
}

/**
 * Returns the validated value.
 *
 * @throws AiosError `AIOS_INVALID_TOOL_INPUT` that names each path and what was expected there
 */
export function validInput(tool: Tool, result: Result): unknown {
  if (result.issues === undefined) return result.value
  const text = issuesText(result.issues)
  const message = `The input of tool "${tool.name}" does not match its schema: ${text}. Send input that fits the inputSchema that tool.list shows.`
  throw new AiosError('AIOS_INVALID_TOOL_INPUT', message, {
    details: { tool: tool.name, issues: issueList(result.issues) },
  })
}
