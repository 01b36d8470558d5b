import { checkOptions, option } from '@aios/kernel/driver'
import { scriptedCore, type ScriptedCore, type ScriptedOptions } from '../scripted-core.js'
import type { ScriptedFunction } from '../scripted-step.js'

/**
 * Makes a core of a function: it gets each request, and what it returns is the answer, in everything a step of `scriptedCore` can
 * be. It may be asynchronous; what it throws becomes the failure of the call.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, or what is no function
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { fromFunction } from '@aios/llm/testing'
 *
 * const core = fromFunction(({ messages, tools = [] }) => `${messages.length} messages, ${tools.length} tools`)
 * const kernel = await createKernel({ llm: core })
 * const { text } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hello' }] })
 * console.log(text) // 1 messages, 0 tools
 * await kernel.close()
 * ```
 */
export function fromFunction(answer: ScriptedFunction, options: Omit<ScriptedOptions, 'repeat'> = {}): ScriptedCore {
  checkOptions('fromFunction()', answer, option.function)
  return scriptedCore([answer], { id: 'function', model: 'function', ...options, repeat: true })
}
