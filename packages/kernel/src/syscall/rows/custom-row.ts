import { AiosError } from '../../error/aios-error.js'
import { boarded } from '../../scheduler/batch/boarding.js'
import type { SyscallDefinition } from '../define-syscall.js'
import { DriverCallView } from '../driver-call.js'
import { issuesText } from '../standard-schema.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { assign } from './no-device.js'

/** Makes the row of a third party's syscall. */
export function customRow(definition: SyscallDefinition): SyscallRow {
  const { name, lane, request } = definition
  const route = (call: Syscall): void => {
    call.request = checked(definition, call.request)
    const found = lane === undefined ? undefined : call.caller.kernel.lanes.get(lane)
    if (found !== undefined) assign(call, found)
  }
  const { compensate } = definition
  return {
    name,
    ...(compensate && {
      compensate: (call, result) => compensate.call(definition, call.request, result, new DriverCallView(call)),
    }),
    validate: (value) => problemOf(name, request['~standard'].validate(value)),
    runs: lane === undefined ? 'direct' : 'device',
    returns: 'promise',
    effect: definition.effect ?? 'at-most-once',
    route,
    execute: (call) => boarded(call, call.request) ?? definition.execute(call.request, new DriverCallView(call)),
  }
}

type Result = ReturnType<SyscallDefinition['request']['~standard']['validate']>

function problemOf(name: string, result: Result): string | undefined {
  if (result instanceof Promise) throw asynchronous(name)
  return result.issues === undefined
    ? undefined
    : `Expected a request that matches its schema: ${issuesText(result.issues)}.`
}

/** Returns what the schema made of a request: with defaults filled in and values converted. */
function checked({ name, request }: SyscallDefinition, value: unknown): unknown {
  const result = request['~standard'].validate(value)
  if (result instanceof Promise) throw asynchronous(name)
  if (result.issues !== undefined) throw new AiosError('AIOS_INVALID_SYSCALL', `${name}: ${issuesText(result.issues)}`)
  return result.value
}

/** Makes the error of a row whose schema validates asynchronously. */
export function asynchronous(name: string): AiosError {
  return new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected the schema of syscall "${name}" to validate synchronously, got a promise. Do the asynchronous part in execute.`,
  )
}
