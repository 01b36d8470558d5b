import {
  AiosError,
  type DeviceLimits,
  type DriverCall,
  type DriverServices,
  type PreparedToolCall,
  type ToolDriver,
  type ToolInfo,
} from '@aios/kernel/driver'
import { checkKeys, invalidOption } from '../error/invalid-option.js'
import { BoundedWaits } from './bounded-waits.js'
import { conflictKeysOf } from './conflict-keys.js'
import { isTool } from './define-tool.js'
import { PreparedTool, toolTimeout, warnOfLate } from './prepared-tool.js'
import type { Tool } from './tool.js'
import { validateInput, validInput } from './tool-input.js'
import { ToolNameIndex } from './tool-name-index.js'

/** Is what `tools` takes besides the list. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ToolsOptions {
  /** Id of the device. Default `tools`. */
  readonly id?: string | undefined
  /** Bounds of the `tool` lane; checked by the kernel. */
  readonly limits?: DeviceLimits | undefined
}

/** Checks the list and sorts it by full name, in the order of code units. */
function sortedTools(list: readonly Tool[]): readonly Tool[] {
  const isList: boolean = Array.isArray(list)
  if (!isList) throw invalidOption('a list of tools', 'tools(list)', list)
  const seen = new Map<string, number>()
  for (const [index, tool] of list.entries()) {
    if (!isTool(tool)) throw invalidOption('a tool made by defineTool', `item ${index} of tools(list)`, tool)
    const first = seen.get(tool.name)
    if (first !== undefined) {
      const twins = [first, index].map((at) => `item ${at} (${JSON.stringify(list[at]?.description)})`).join(' and ')
      const message = `Expected tools with different names for tools(list), got "${tool.name}" as ${twins}. Give one of them another "name" or "source".`
      throw new AiosError('AIOS_INVALID_OPTION', message)
    }
    seen.set(tool.name, index)
  }
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function infoOf({ name, source, description, inputSchema, outputSchema }: Tool): ToolInfo {
  return Object.freeze({
    name,
    source,
    description,
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
  })
}

/** Serves tools of this process. */
class LocalTools implements ToolDriver {
  readonly kind = 'tool'
  readonly id: string
  readonly limits: DeviceLimits | undefined
  readonly #tools: ToolNameIndex<Tool>
  readonly #infos: ToolNameIndex<ToolInfo>
  readonly #list: readonly ToolInfo[]
  readonly #waits = new BoundedWaits()
  #services: DriverServices | undefined

  constructor(sorted: readonly Tool[], { id = 'tools', limits }: ToolsOptions) {
    this.id = id
    this.limits = limits
    this.#list = Object.freeze(sorted.map(infoOf))
    this.#tools = new ToolNameIndex(sorted)
    this.#infos = new ToolNameIndex(this.#list)
  }

  open(services: DriverServices): void {
    if (this.#services !== undefined) {
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `The tools "${this.id}" already serve a kernel. Call tools(list) once for each kernel.`,
      )
    }
    this.#services = services
  }

  close(): void {
    this.#services = undefined
    this.#waits.endAll(new AiosError('AIOS_CLOSED', `The tools "${this.id}" were closed while this call ran.`))
  }

  list(): readonly ToolInfo[] {
    return this.#list
  }

  resolve(name: string): ToolInfo {
    return this.#infos.resolve(name)
  }

  prepare(name: string, input: unknown, call: DriverCall): PreparedToolCall | Promise<PreparedToolCall> {
    const services = this.#services
    if (services === undefined) {
      throw new AiosError(
        'AIOS_CLOSED',
        `The tools "${this.id}" are not open. Hand them to createKernel, and call them before it closes.`,
      )
    }
    const tool = this.#tools.full(name)
    const host = { services, waits: this.#waits }
    const prepared = (valid: unknown): PreparedTool =>
      new PreparedTool(tool, { input: valid, conflictKeys: conflictKeysOf(tool, valid) }, host)
    const result = validateInput(tool, input)
    if (!(result instanceof Promise)) return prepared(validInput(tool, result))
    const limit = {
      clock: services.clock,
      timeoutMs: tool.timeoutMs,
      signal: call.signal,
      timeoutError: () => toolTimeout(tool, 'finish checking its input'),
      onLate: (outcome: string) => {
        warnOfLate(services, tool, outcome)
      },
    }
    return this.#waits.until(result, limit).then((settled) => prepared(validInput(tool, settled)))
  }
}

/**
 * Makes the tool device of a kernel out of tools of this process.
 *
 * A call ends in exactly one of these ways: the result; `AIOS_INVALID_TOOL_INPUT` before anything ran;
 * `AIOS_TOOL_FAILED` with the cause if the tool threw, an error of a nested syscall included;
 * `AIOS_TOOL_TIMEOUT` at the time limit, after which the tool's signal is aborted and what it still returns is dropped;
 * `AIOS_INVALID_TOOL_OUTPUT`; or, if the call itself was cancelled or its process killed, the reason of its signal,
 * untouched. A tool is never switched off by its failures.
 *
 * @param list - tools made by `defineTool`, or built-in ones, with different full names
 * @throws AiosError `AIOS_INVALID_OPTION` if an entry is no tool or two share a full name, or an option is unknown
 * @example
 * ```ts
 * import { calculator, clock, defineTool, tools } from '@aios/tools'
 * import { z } from 'zod'
 *
 * const add = defineTool({
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   input: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => a + b,
 * })
 * const device = tools([add, calculator(), clock()])
 * console.log(device.list().map((tool) => tool.name)) // builtin/calculator, builtin/clock, local/add
 * ```
 */
export function tools(list: readonly Tool[], options: ToolsOptions = {}): ToolDriver {
  checkKeys(options, ['id', 'limits'], 'tools(list, options)')
  const { id } = options
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw invalidOption('a name', '"id" of tools(list, options)', id)
  return new LocalTools(sortedTools(list), options)
}
