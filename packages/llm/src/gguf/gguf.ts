import { basename } from 'node:path'
import { localCore, type LocalCore } from '../local/local-core.js'
import { Engine } from './engine.js'
import { checkGgufOptions, type GgufOptions } from './gguf-options.js'
import { inspectModelFile } from './model-file.js'
import { loadSdk } from './sdk.js'

/** Is a core that runs a GGUF model in this process. */
export type GgufCore = LocalCore

/**
 * Makes a core that runs a model from a GGUF file in this process, on the CPU or a graphics card, through llama.cpp. Answers are
 * streamed, can be cut after any token and go on exactly (`resume: 'state'`), keep to a JSON Schema and to demanded tool calls by a
 * grammar. Needs the package `node-llama-cpp`; nothing is compiled or fetched.
 *
 * @param modelPath - the file; read when the kernel opens the core
 * @throws AiosError `AIOS_INVALID_OPTION` for a bad argument or an unknown option. The kernel that opens it rejects with
 * `AIOS_MISSING_PEER`, `AIOS_LLM_NOT_FOUND` (no file), `AIOS_CORRUPT` (no model), `AIOS_UNSUPPORTED` (no such device) or
 * `AIOS_QUOTA_EXCEEDED` (not enough memory)
 * @example
 * ```ts
 * import { createKernel, roundRobin } from '@aios/kernel'
 * import { gguf } from '@aios/llm/gguf'
 *
 * const kernel = await createKernel({
 *   llm: gguf('models/qwen3-4b-q4_k_m.gguf', { contextSize: 4_096, batch: 2 }),
 *   policies: { llm: roundRobin({ quantumTokens: 64 }) },
 * })
 * const { text } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Why is the sky blue?' }] })
 * console.log(text)
 * await kernel.close()
 * ```
 */
export function gguf(modelPath: string, options: GgufOptions = {}): GgufCore {
  checkGgufOptions(modelPath, options)
  return localCore({
    backend: 'gguf',
    name: basename(modelPath).replace(/\.gguf$/i, ''),
    options,
    capabilities: { tools: true, schema: true, images: false, files: false },
    async load({ log }) {
      const file = await inspectModelFile(modelPath)
      return Engine.open({ sdk: await loadSdk(), file, options, log })
    },
  })
}
