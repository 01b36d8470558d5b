import { AiosError, type DriverCall, type DriverServices, type PreparedToolCall } from '@aios/kernel/driver'
import type { BoundedWaits } from './bounded-waits.js'
import { CallContext } from './call-context.js'
import type { Tool } from './tool.js'
import { toolFailed } from './tool-failed.js'
import { checkOutput } from './tool-output.js'

/** Is what a run needs of the driver that runs it. */
export interface ToolHost {
  readonly services: DriverServices
  readonly waits: BoundedWaits
}

/** Makes the error of a tool, or of a schema of it, that took too long. */
export function toolTimeout(tool: Tool, what: string): AiosError {
  const message = `Tool "${tool.name}" did not ${what} within ${tool.timeoutMs} ms. Ask it for less, or raise its "timeoutMs".`
  return new AiosError('AIOS_TOOL_TIMEOUT', message, { details: { tool: tool.name, timeoutMs: tool.timeoutMs } })
}

/** Tells the log that a tool, or a schema of it, settled when nobody waited any more. */
export function warnOfLate(services: DriverServices, tool: Tool, outcome: string): void {
  services.log.warn('A tool settled after its call had ended; what it returned or threw was dropped.', {
    tool: tool.name,
    outcome,
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

/** Is a call whose input is valid: runs its tool once the kernel says so. */
export class PreparedTool implements PreparedToolCall {
  readonly conflictKeys: readonly string[]
  readonly idempotent: boolean
  readonly #tool: Tool
  readonly #input: unknown
  readonly #host: ToolHost

  constructor(
    tool: Tool,
    valid: { readonly input: unknown; readonly conflictKeys: readonly string[] },
    host: ToolHost,
  ) {
    this.#tool = tool
    this.idempotent = tool.idempotent
    this.#input = valid.input
    this.conflictKeys = valid.conflictKeys
    this.#host = host
  }

  /**
   * Runs the tool. One that returns no promise costs neither timer nor signal.
   *
   * A call whose own signal aborted ends with that signal's reason, whatever the tool makes of it, and only when the tool
   * has settled or its time is over: until then the tool may still be using what its conflict keys stand for.
   */
  run(call: DriverCall): unknown {
    const context = new CallContext(call, this.#host.services.clock)
    let output: unknown
    let isPending: boolean
    try {
      output = this.#tool.execute(this.#input, context)
      isPending = isThenable(output)
    } catch (thrown) {
      context.end()
      throw call.signal.aborted ? (call.signal.reason as Error) : toolFailed(this.#tool, 'failed', thrown)
    }
    if (isPending) return this.#wait(this.#checked(output as PromiseLike<unknown>), context, call)
    context.end()
    const checked = checkOutput(this.#tool, output)
    return checked instanceof Promise ? this.#wait(checked, context, call) : checked
  }

  async #checked(output: PromiseLike<unknown>): Promise<unknown> {
    let value: unknown
    try {
      value = await output
    } catch (thrown) {
      throw toolFailed(this.#tool, 'failed', thrown)
    }
    return checkOutput(this.#tool, value)
  }

  async #wait(work: Promise<unknown>, context: CallContext, call: DriverCall): Promise<unknown> {
    const { services, waits } = this.#host
    const { signal } = call
    try {
      const value = await waits.until(work, {
        clock: services.clock,
        timeoutMs: this.#tool.timeoutMs,
        timeoutError: () => toolTimeout(this.#tool, 'settle'),
        onGiveUp: (reason) => {
          context.abort(reason)
        },
        onLate: (outcome) => {
          warnOfLate(services, this.#tool, outcome)
        },
      })
      if (!signal.aborted) return value
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    } finally {
      context.end()
    }
    throw signal.reason
  }
}
