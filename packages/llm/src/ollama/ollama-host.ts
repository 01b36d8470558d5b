import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import { foundCore } from './found-core.js'
import type { OllamaModel } from './listed-model.js'
import { ModelHost } from './model-host.js'
import { ollama } from './ollama.js'
import { HOST_FIELDS, type OllamaHostOptions } from './ollama-options.js'

/** Is an Ollama server as a source of cores. It serves no calls itself. */
export interface OllamaHost extends LlmDriver {
  /**
   * Lists the models of the server, those included that no core serves yet.
   *
   * @throws AiosError `AIOS_CLOSED` before a kernel has it, and an `AIOS_LLM_…` code if the server cannot be asked
   */
  list(): Promise<readonly OllamaModel[]>
}

/**
 * Makes an Ollama server a source of cores: a model is registered when a call first asks for it by name, `model: 'qwen3'` or
 * `llms: [{ name: 'qwen3', backend: 'ollama' }]`, and the server has it (AIOS does the same with backend ollama). Needs the
 * package `ollama`. Every core it makes gets these options, without the id.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for an `OLLAMA_HOST` that
 * is none, and `AIOS_MISSING_PEER` without the package `ollama`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { ollamaHost } from '@aios/llm/ollama'
 *
 * const host = ollamaHost({ baseURL: 'http://127.0.0.1:11434', limits: { concurrency: 2 } })
 * const kernel = await createKernel({ llm: host })
 * const [first] = await host.list()
 * if (first !== undefined) {
 *   const reply = await kernel.sys().llm.chat({ model: first.name, messages: [{ role: 'user', content: 'Hello!' }] })
 *   console.log(first.parameterSize, reply.text)
 * }
 * await kernel.close()
 * ```
 */
export function ollamaHost(options: OllamaHostOptions = {}): OllamaHost {
  const { id = 'ollama', ...ofCores } = options
  checkCoreOptions('ollamaHost()', { model: id, options }, HOST_FIELDS)
  const host = new ModelHost('ollamaHost()', id, options)
  return {
    kind: 'llm',
    id,
    model: id,
    backend: 'ollama',
    open: (services) => host.open(services),
    close: () => {
      host.close()
    },
    list: () => host.list(),
    discover: (name) => foundCore(name, host, (found) => ollama(name, { ...ofCores, ...found })),
  }
}
