import { basename, resolve } from 'node:path'
import { localCore, type LocalCore } from '../local/local-core.js'
import { Engine } from './engine.js'
import { checkHuggingfaceOptions, type HuggingfaceOptions } from './huggingface-options.js'
import { inspectModelFolder } from './model-folder.js'
import { loadSdk } from './sdk.js'

/** Is a core that runs a model from a Hugging Face folder in this process. */
export type HuggingfaceCore = LocalCore

/**
 * Makes a core that runs a model from a folder in this process, through transformers.js and ONNX Runtime: `config.json`, the
 * tokenizer's files and the weights in `onnx/`, as they lie in repositories of ONNX models. Nothing is fetched. Answers are streamed,
 * can be cut after any token and go on exactly (`resume: 'state'`); a hook sees and changes the logits. No grammar holds them to a
 * schema. Needs the package `@huggingface/transformers`.
 *
 * @param folder - the model's; read when the kernel opens the core
 * @throws AiosError `AIOS_INVALID_OPTION` for a bad argument or an unknown option. The kernel that opens it rejects with
 * `AIOS_MISSING_PEER`, `AIOS_LLM_NOT_FOUND` (a file is missing), `AIOS_CORRUPT` (no model), `AIOS_UNSUPPORTED` (no such device, no chat
 * template) or `AIOS_QUOTA_EXCEEDED` (too large for the card)
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { huggingface } from '@aios/llm/huggingface'
 *
 * const kernel = await createKernel({
 *   llm: huggingface('models/Qwen3-0.6B-ONNX', { dtype: 'q4', contextSize: 4_096 }),
 * })
 * const { text } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Why is the sky blue?' }] })
 * console.log(text)
 * await kernel.close()
 * ```
 */
export function huggingface(folder: string, options: HuggingfaceOptions = {}): HuggingfaceCore {
  checkHuggingfaceOptions(folder, options)
  return localCore({
    backend: 'huggingface',
    name: basename(resolve(folder)),
    options,
    capabilities: { tools: true, schema: false, images: false, files: false },
    async load() {
      const found = await inspectModelFolder(folder, options.dtype)
      return Engine.open({ sdk: await loadSdk(), folder: found, options })
    },
  })
}
