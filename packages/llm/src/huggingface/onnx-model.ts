import type { DynamicCache, PreTrainedModel, Tensor } from '@huggingface/transformers'
import { AiosError } from '@aios/kernel/driver'
import { threadsFor } from '../local/local-options.js'
import { cacheBytes, tensorsOf, type PlainTensor } from './cache-bytes.js'
import { devicesToTry, withoutDevice, type OnnxDevice } from './device-choice.js'
import type { HuggingfaceOptions } from './huggingface-options.js'
import { configNumber, foreignFolder, type ModelFolder } from './model-folder.js'
import type { TransformersSdk } from './sdk.js'

/** Is what a model is loaded from. */
export interface OnnxModelParts {
  readonly sdk: TransformersSdk
  readonly folder: ModelFolder
  readonly options: HuggingfaceOptions
}

/** Chooses the next token from how likely each is. */
export type Choose = (logits: Float32Array) => number

/** Says that one token is wanted, the likeliest: whoever wants another chooses it. */
const ONE_TOKEN = {
  max_new_tokens: 1,
  min_new_tokens: null,
  min_length: 0,
  do_sample: false,
  num_beams: 1,
  temperature: 1,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
} as const

/** Is a tensor as the runtime has it; on a card until it is asked for. */
interface RuntimeTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly ort_tensor: { getData(): Promise<Uint8Array> }
}

async function loaded({ sdk, folder, options }: OnnxModelParts, device: OnnxDevice): Promise<PreTrainedModel> {
  return sdk.AutoModelForCausalLM.from_pretrained(folder.path, {
    local_files_only: true,
    device,
    dtype: folder.dtype,
    session_options: { intraOpNumThreads: threadsFor(options), interOpNumThreads: 1 },
  })
}

async function firstThatRuns(parts: OnnxModelParts): Promise<{ model: PreTrainedModel; device: OnnxDevice }> {
  const { folder, options } = parts
  const layers = configNumber(folder, 'num_hidden_layers', 'n_layer', 'num_layers')
  const machine = { platform: process.platform, arch: process.arch, bytes: folder.bytes, layers }
  const devices = devicesToTry(options, machine)
  for (const device of devices) {
    try {
      return { model: await loaded(parts, device), device }
    } catch (error) {
      if (device === 'cpu') throw foreignFolder(folder.path, 'one that does not load', error)
      if (device === devices.at(-1)) throw withoutDevice(options.device ?? 'auto', error)
    }
  }
  throw withoutDevice(options.device ?? 'auto')
}

/** Is a model that the runtime has loaded. What it keeps of the tokens it has read is in the hands of the caller. */
export class OnnxModel {
  readonly device: OnnxDevice
  /** Ids of the tokens that end an answer, by the model's own settings. */
  readonly endTokens: readonly number[]
  /** Tokens that were worked through. */
  evaluatedTokens = 0
  readonly #sdk: TransformersSdk
  readonly #model: PreTrainedModel

  private constructor(sdk: TransformersSdk, { model, device }: { model: PreTrainedModel; device: OnnxDevice }) {
    this.#sdk = sdk
    this.#model = model
    this.device = device
    const { generation_config, config } = model as unknown as Record<string, { eos_token_id?: unknown } | undefined>
    const all = [generation_config?.eos_token_id, config?.eos_token_id].flat()
    this.endTokens = all.filter((id): id is number => typeof id === 'number')
  }

  /**
   * Loads a model.
   *
   * @throws AiosError `AIOS_CORRUPT` if it does not load, `AIOS_UNSUPPORTED` without the device, `AIOS_QUOTA_EXCEEDED` without room
   */
  static async open(parts: OnnxModelParts): Promise<OnnxModel> {
    return new OnnxModel(parts.sdk, await firstThatRuns(parts))
  }

  /** Returns a memory that holds nothing yet. */
  emptyCache(): DynamicCache {
    return new this.#sdk.DynamicCache()
  }

  /**
   * Reads what of these tokens is not in the memory, and chooses the next. The work itself holds up this process's event loop:
   * the runtime computes in the calling thread.
   *
   * @param choose - default: nothing is chosen, the tokens are only read
   */
  async read(cache: DynamicCache, tokens: readonly number[], choose: Choose = () => 0): Promise<number> {
    const { Tensor, LogitsProcessor } = this.#sdk
    let chosen = 0
    class Choosing extends LogitsProcessor {
      override _call(_: bigint[][], logits: Tensor): Tensor {
        chosen = choose(logits.data as Float32Array)
        return logits
      }
    }
    const ids = BigInt64Array.from(tokens, BigInt)
    const dims = [1, tokens.length]
    const known = cache.get_seq_length()
    await this.#model.generate({
      ...ONE_TOKEN,
      inputs: new Tensor('int64', ids, dims),
      attention_mask: new Tensor('int64', new BigInt64Array(tokens.length).fill(1n), dims),
      past_key_values: cache,
      logits_processor: [new Choosing()],
    } as unknown as Parameters<PreTrainedModel['generate']>[0])
    this.evaluatedTokens += tokens.length - known
    return chosen
  }

  /** Returns a memory as bytes. */
  async save(cache: DynamicCache): Promise<Uint8Array> {
    const plain: Record<string, PlainTensor> = {}
    for (const [name, tensor] of Object.entries(cache as unknown as Readonly<Record<string, RuntimeTensor>>)) {
      const { type, dims, ort_tensor } = tensor
      const { buffer, byteOffset, byteLength } = await ort_tensor.getData()
      plain[name] = { type, dims, bytes: new Uint8Array(buffer, byteOffset, byteLength) }
    }
    return cacheBytes(plain)
  }

  /** Puts into an empty memory what was saved. */
  load(cache: DynamicCache, memory: Uint8Array): void {
    const { Tensor } = this.#sdk
    const entries = Object.entries(tensorsOf(memory)).map(([name, { type, dims, bytes }]) => {
      const numbers = numbersOf(type, bytes)
      return [name, new Tensor(type as Tensor['type'], numbers, [...dims])] as const
    })
    cache.update(Object.fromEntries(entries))
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    await this.#model.dispose()
  }
}

const KINDS = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const

function numbersOf(type: string, { buffer }: Uint8Array): InstanceType<(typeof KINDS)[keyof typeof KINDS]> {
  const Numbers = (KINDS as Partial<Record<string, (typeof KINDS)[keyof typeof KINDS]>>)[type]
  if (Numbers !== undefined) return new Numbers(buffer as ArrayBuffer)
  const message = `Expected a memory of numbers that this core knows, got ${type}. Ask again from the beginning.`
  throw new AiosError('AIOS_UNSUPPORTED', message)
}
