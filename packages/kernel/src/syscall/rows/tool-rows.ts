import type {
  IdentifiedToolCall,
  PreparedToolCall,
  ToolCallAllRequest,
  ToolCallRequest,
  ToolDriver,
  ToolInfo,
  ToolListRequest,
  ToolOutcome,
} from '../../driver/tool-driver.js'
import { AiosError } from '../../error/aios-error.js'
import { boarded } from '../../scheduler/batch/boarding.js'
import { isThenable } from '../begin.js'
import { DriverCallView } from '../driver-call.js'
import { anything, listOf, oneOf, optional, record, shape, string, text, type Validate } from '../shape.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { grantedTool } from './granted-tool.js'
import { routeTo } from './no-device.js'

/** Resolves and authorises a tool, and has its driver check the input. */
function routeCall(call: Syscall): void | Promise<void> {
  const driver = routeTo(call, 'tool') as ToolDriver
  const request = call.request as ToolCallRequest
  const { name } = grantedTool(call, driver, request.name)
  const prepared = driver.prepare(name, request.input, new DriverCallView(call))
  call.request = { ...request, name }
  if (isThenable(prepared))
    return Promise.resolve(prepared).then((ready) => {
      accept(call, ready)
    })
  accept(call, prepared)
}

function accept(call: Syscall, prepared: PreparedToolCall): void {
  const extras = call.rare()
  extras.prepared = prepared
  if (prepared.conflictKeys.length > 0) extras.keys = [...new Set(prepared.conflictKeys)].sort()
}

/** Finds the device of a call that needs no slot of it. */
function directDevice(call: Syscall): ToolDriver {
  const driver = routeTo(call, 'tool') as ToolDriver
  call.lane = undefined
  return driver
}

function routeDirect(call: Syscall): void {
  directDevice(call)
}

/** Runs a tool, with this call in the async context, so that what the tool starts becomes its child. */
function executeCall(call: Syscall): unknown {
  const { name } = call.request as ToolCallRequest
  const output =
    boarded(call, call.request) ??
    call.caller.kernel.scope.enter({ call, hook: false }, () => call.extras?.prepared?.run(new DriverCallView(call)))
  return isThenable(output) ? Promise.resolve(output).then((value) => ({ name, output: value })) : { name, output }
}

/** Runs every call of a request as a call of its own, under this one. */
function executeAll(call: Syscall): Promise<readonly ToolOutcome[]> {
  const { calls } = call.request as ToolCallAllRequest
  const { kernel, process, unhooked } = call.caller
  const sys = kernel.makeSys({ kernel, process, parent: call, unhooked })
  return Promise.all(calls.map((each) => outcome(each, () => sys.tool.call({ name: each.name, input: each.input }))))
}

async function outcome(
  each: IdentifiedToolCall,
  run: () => Promise<{ readonly output: unknown }>,
): Promise<ToolOutcome> {
  const { id, name } = each
  try {
    if (name === '')
      throw new AiosError('AIOS_NO_SUCH_TOOL', `Expected the name of a tool for call "${id}", got none. Name a tool.`)
    if (each.invalid !== undefined) {
      throw new AiosError(
        'AIOS_INVALID_TOOL_INPUT',
        `The arguments for tool "${name}" are not valid JSON: ${each.invalid}`,
      )
    }
    return { id, name, status: 'fulfilled', output: (await run()).output }
  } catch (error) {
    if (!AiosError.is(error)) throw error
    return {
      id,
      name,
      status: 'rejected',
      error: { code: error.code, message: error.message, retryable: error.retryable },
    }
  }
}

const item = shape({
  id: text,
  // A model may name no tool, which it is told as of any other that there is not.
  name: string,
  input: anything,
  invalid: optional(string),
  type: optional(oneOf('tool-call')),
  inputText: optional(string),
  opaque: optional(record),
})
const calls = shape({ calls: listOf(item) })

const uniqueIds: Validate = (value, path) => {
  const problem = calls(value, path)
  if (problem !== undefined) return problem
  const seen = new Set<string>()
  for (const { id } of (value as ToolCallAllRequest).calls) {
    if (seen.has(id)) return `Expected an id of its own for each call, got "${id}" twice.`
    seen.add(id)
  }
  return undefined
}

function list(call: Syscall): readonly ToolInfo[] {
  const { source } = (call.request ?? {}) as ToolListRequest
  const { grants } = call.owner
  return directDevice(call)
    .list()
    .filter(
      (tool) => (source === undefined || tool.source === source) && (grants === undefined || grants.tool(tool.name)),
    )
}

/** The rows of the `tool` family. */
export const toolRows: readonly SyscallRow[] = [
  {
    name: 'tool.call',
    validate: shape({ name: text, input: anything }),
    runs: 'device',
    returns: 'promise',
    effect: ({ extras }) => (extras?.prepared?.idempotent === true ? 'keyed' : 'at-most-once'),
    route: routeCall,
    execute: executeCall,
  },
  {
    name: 'tool.callAll',
    validate: uniqueIds,
    runs: 'direct',
    returns: 'promise',
    effect: 'repeatable',
    route: routeDirect,
    execute: executeAll,
  },
  {
    name: 'tool.list',
    validate: optional(shape({ source: optional(text) })),
    runs: 'direct',
    returns: 'promise',
    effect: 'repeatable',
    route: routeDirect,
    execute: list,
  },
]
