import { deliver } from '../settle.js'
import { mismatch, optional, real, shape, type Validate } from '../shape.js'
import { LATEST_TIME, sleepDue } from '../sleep-due.js'
import type { Syscall } from '../syscall.js'
import { PENDING, type SyscallRow } from '../syscall-row.js'

const nowhere = (): void => undefined
const time = optional(real(0, LATEST_TIME))
const fields = shape({ ms: time, until: time })

const oneTime: Validate = (value, path) => {
  const problem = fields(value, path)
  if (problem !== undefined) return problem
  const { ms, until } = value as { readonly ms?: unknown; readonly until?: unknown }
  return (ms === undefined) === (until === undefined) ? mismatch('either "ms" or "until"', path, value) : undefined
}

/**
 * Waits on the kernel's wheel. The journal has at once when the sleep is over, so that a later life of the run sleeps only what
 * is left of it.
 */
function sleep(call: Syscall): unknown {
  const { kernel } = call.caller
  const dueAt = sleepDue(call)
  const run = call.record?.run
  if (run?.seed.traced === false) run.open(call, { dueAt })
  const leftMs = dueAt - kernel.clock.now()
  if (leftMs <= 0) return undefined
  const extras = call.rare()
  const timer = kernel.wheel.set(leftMs, true, () => {
    extras.unwait = undefined
    deliver(call, true, undefined)
    kernel.settleDown()
  })
  extras.unwait = () => {
    kernel.wheel.cancel(timer)
  }
  return PENDING
}

function row(verb: string, seed: Pick<SyscallRow, 'validate' | 'runs' | 'execute'>): SyscallRow {
  return { name: `clock.${verb}`, returns: 'promise', effect: 'repeatable', free: true, route: nowhere, ...seed }
}

/** The rows of the `clock` family. */
export const clockRows: readonly SyscallRow[] = [
  row('now', { validate: optional(shape({})), runs: 'direct', execute: ({ caller }) => caller.kernel.clock.now() }),
  row('sleep', { validate: oneTime, runs: 'waits', execute: sleep }),
]
