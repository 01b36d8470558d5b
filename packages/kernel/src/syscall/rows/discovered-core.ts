import type { DiscoveryFailure } from '../../driver/core-discovery.js'
import type { ChatRequest, LlmChoice } from '../../driver/chat.js'
import { AiosError } from '../../error/aios-error.js'
import { errorText } from '../../error/error-text.js'
import { STATE, type Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'

type Route = (call: Syscall) => void

/**
 * Routes a call to a core; where none will do, it asks the drivers that can find further ones for what the call names, and
 * routes it again. Costs nothing where a core is there.
 */
export function orDiscovered(route: Route): SyscallRow['route'] {
  return (call) => {
    try {
      route(call)
      return undefined
    } catch (error) {
      const unknown = sought(call, error)
      if (unknown.length === 0) throw error
      return discovered(call, unknown, route)
    }
  }
}

/** Returns what a refused call names that could be found, and that its process may use. */
function sought(call: Syscall, error: unknown): readonly LlmChoice[] {
  // A process whose models are limited is denied even where the one it may use is not there.
  if (!AiosError.is(error, 'AIOS_NO_DEVICE') && !AiosError.is(error, 'AIOS_ACCESS_DENIED')) return []
  const { model, llms = [] } = call.request as Pick<ChatRequest, 'model' | 'llms'>
  const { grants } = call.owner
  const named = model === undefined ? llms : [{ name: model }]
  const allowed = named.filter(({ name }) => grants?.model(name) !== false)
  return call.caller.kernel.discovery?.unknown(allowed) ?? []
}

async function discovered(call: Syscall, unknown: readonly LlmChoice[], route: Route): Promise<void> {
  const failures = (await call.caller.kernel.discovery?.find(unknown)) ?? []
  if (call.state === STATE.settled) return
  try {
    route(call)
  } catch (error) {
    throw AiosError.is(error) ? explained(error, failures) : error
  }
}

/** Tells the caller that a model may well be there, where nobody could be asked for it. */
function explained(error: AiosError, failures: readonly DiscoveryFailure[]): AiosError {
  const [first] = failures
  if (first === undefined) return error
  const said = failures.map((failure) => `${failure.driver}: ${messageOf(failure.error)}`).join('; ')
  const { code, details } = error
  return new AiosError(code, `${error.message} It was looked for in vain. ${said}`, { cause: first.error, details })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : errorText(error)
}
