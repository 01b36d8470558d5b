import { grantsProblem } from '../access/compiled-grants.js'
import { processLimitsOption } from '../limiter/process-limits.js'
import { NAME_CHARS } from '../limits.js'
import { durationOption, priorityOption, signalOption } from '../syscall/syscall-options.js'
import { flag, mismatch, optional, real, record, shape, whole, wholeText, type Validate } from '../syscall/shape.js'

const named: Validate = (value, path) =>
  typeof value === 'string' && value !== '' && value.length <= NAME_CHARS
    ? undefined
    : mismatch(`a name of 1 to ${NAME_CHARS} characters`, path, value)

const name: Validate = (value, path) => named(value, path) ?? wholeText(value, path)

const runId: Validate = (value, path) =>
  // eslint-disable-next-line no-control-regex -- control characters are what must not be in it
  named(value, path) === undefined && !/[\u0000-\u001f]/.test(value as string)
    ? wholeText(value, path)
    : mismatch(`a name of 1 to ${NAME_CHARS} characters, none of them a control character`, path, value)

/** Accepts a share. */
export const weightOption: Validate = (value, path) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? undefined
    : mismatch('a finite number above 0', path, value)

/** Checks each option of `spawn`. */
export const SPAWN_FIELDS: Readonly<Record<string, Validate>> = {
  name: optional(name),
  runId: optional(runId),
  replay: optional(record),
  namespace: optional(name),
  tenant: optional(name),
  weight: optional(weightOption),
  priority: optional(priorityOption),
  budget: optional(
    shape({
      tokens: optional(whole(0, Number.MAX_SAFE_INTEGER)),
      usd: optional(real(0, Number.POSITIVE_INFINITY)),
      calls: optional(whole(0, Number.MAX_SAFE_INTEGER)),
      wallMs: optional(durationOption),
    }),
  ),
  limits: optional(processLimitsOption),
  grants: (value) => (value === undefined ? undefined : grantsProblem(value)),
  deadlineMs: optional(durationOption),
  detached: optional(flag),
  signal: optional(signalOption),
}

const options = shape(SPAWN_FIELDS)

/** Returns what is wrong with the options of `spawn`, if anything. */
export function spawnProblem(given: unknown): string | undefined {
  return options(given, '')
}
