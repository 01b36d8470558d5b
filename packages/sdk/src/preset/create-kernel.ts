import { createKernel as bootKernel } from '@aios/kernel'
import type { Kernel, KernelOptions, ToolDriver } from '@aios/kernel'
import { embeddedMemory } from '@aios/memory'
import { embeddedStorage } from '@aios/storage'
import { calculator, clock, fileTools, memoryTools, tools } from '@aios/tools'
import type { Tool } from '@aios/tools'
import { directoryRecords } from './data-directory.js'
import { environmentCore } from './environment-core.js'

/** Is what {@link createKernel} takes: the kernel's options, with defaults. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface CreateKernelOptions extends Omit<KernelOptions, 'tools'> {
  /**
   * LLM cores. Default: the core that the environment names by `OPENAI_API_KEY` (and `OPENAI_MODEL`) or `OLLAMA_HOST`
   * (and `OLLAMA_MODEL`); without either, calls of the `llm` family reject with `AIOS_NO_DEVICE`.
   */
  readonly llm?: NonNullable<KernelOptions['llm']>
  /** Default: `embeddedMemory()`, in the record store: in RAM unless `records` says otherwise. */
  readonly memory?: NonNullable<KernelOptions['memory']>
  /** Default: `embeddedStorage()` in a fresh temporary folder that is removed on close. */
  readonly storage?: NonNullable<KernelOptions['storage']>
  /**
   * Tools beside the built-in ones (`builtin/*`: calculator, clock, files, memory), or a whole tool device, which is
   * then taken as it is. Grants decide which process may use which. Default: the built-in ones.
   */
  readonly tools?: readonly Tool[] | ToolDriver
  /**
   * Directory in which what has to outlive the process is kept, made if it is not there. It means `records: lmdbRecords(dataDir)`
   * of `@aios/storage/lmdb` and `journal: true`, unless those are given. Default: none, everything is in RAM and nothing recorded.
   */
  readonly dataDir?: string | undefined
}

/**
 * Boots a kernel with everything in it but the model: embedded memory, storage and tools fill each device that you do
 * not name. The kernel's own `createKernel` chooses nothing.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot take
 * @example
 * ```ts
 * import { createKernel, defineTool, react } from '@aios/sdk'
 * import { openai } from '@aios/llm/openai'
 * import { z } from 'zod'
 *
 * const add = defineTool({
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   input: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => a + b,
 * })
 * const kernel = await createKernel({ llm: openai('gpt-5-mini'), tools: [add] })
 * console.log(await kernel.run(react({ tools: ['add'] }), 'What is 2 + 2?', { name: 'adder' }))
 * await kernel.close()
 * ```
 */
export async function createKernel(options: CreateKernelOptions = {}): Promise<Kernel> {
  const {
    llm = environmentCore(process.env),
    memory = embeddedMemory(),
    storage = embeddedStorage(),
    dataDir,
    ...rest
  } = options
  const kept = dataDir === undefined ? rest : { ...rest, ...(await keptIn(dataDir, rest)) }
  return bootKernel({ ...kept, ...(llm !== undefined && { llm }), memory, storage, tools: toolDevice(options.tools) })
}

/** Says where everything is kept, and that it is, as far as the options do not. */
async function keptIn(
  dataDir: string,
  { records, journal }: Pick<KernelOptions, 'records' | 'journal'>,
): Promise<Required<Pick<KernelOptions, 'records' | 'journal'>>> {
  return { records: records ?? (await directoryRecords(dataDir)), journal: journal ?? true }
}

function toolDevice(given: readonly Tool[] | ToolDriver = []): ToolDriver {
  if (!Array.isArray(given)) return given as ToolDriver
  return tools([...(given as readonly Tool[]), calculator(), clock(), ...fileTools(), ...memoryTools()])
}
