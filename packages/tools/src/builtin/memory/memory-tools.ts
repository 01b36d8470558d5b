import type { Tool } from '../../registry/tool.js'
import { forget } from './forget.js'
import { recall } from './recall.js'
import { remember } from './remember.js'

/**
 * Makes the tools `builtin/remember`, `recall` and `forget`. They work on the memory device through syscalls of the
 * caller, in its namespace.
 *
 * @example
 * ```ts
 * import { memoryTools, tools } from '@aios/tools'
 *
 * const device = tools(memoryTools())
 * ```
 */
export function memoryTools(): readonly Tool[] {
  return [remember(), recall(), forget()]
}
