import { createHash } from 'node:crypto'
import type { PreTrainedTokenizer } from '@huggingface/transformers'
import { AiosError, type CoreRequest } from '@aios/kernel/driver'
import type { AnswerSyntax } from '../local/answer-syntax.js'
import type { AnswerTask, LocalEngine } from '../local/local-engine.js'
import { DEFAULT_BATCH_SIZE, DEFAULT_CONTEXT } from '../local/local-options.js'
import { SequencePool } from '../local/sequence-pool.js'
import type { HuggingfaceOptions } from './huggingface-options.js'
import { configNumber, foreignFolder, type ModelFolder } from './model-folder.js'
import { OnnxModel, type OnnxModelParts } from './onnx-model.js'
import { OnnxSequence, type Place } from './onnx-sequence.js'
import { renderPrompt, type ChatTemplate, type TextPrompt } from './prompt.js'
import { templateMarks, type Render } from './template-marks.js'
import { TokenizerVocabulary } from './tokenizer-vocabulary.js'

async function loadTokenizer({ sdk, folder }: OnnxModelParts): Promise<PreTrainedTokenizer> {
  try {
    return await sdk.AutoTokenizer.from_pretrained(folder.path, { local_files_only: true })
  } catch (error) {
    throw foreignFolder(folder.path, 'a tokenizer that does not load', error)
  }
}

function chatTemplate(tokenizer: PreTrainedTokenizer, { folder, options }: OnnxModelParts): ChatTemplate {
  const given = options.chatTemplate ?? folder.chatTemplate
  const template = given ?? (tokenizer.chat_template as unknown)
  if (template === null) {
    const message = `Expected a chat template in "${folder.path}", got a model without one. Give it as option chatTemplate.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
  const render: Render = (messages, tools, asks = true) =>
    tokenizer.apply_chat_template([...messages], {
      tokenize: false,
      add_generation_prompt: asks,
      ...(tools === undefined ? {} : { tools: [...tools] }),
      ...(given === undefined ? {} : { chat_template: given }),
    })
  return { render, marks: templateMarks(render, JSON.stringify(template)) }
}

function contextFor({ folder, options }: OnnxModelParts): number {
  const trained = configNumber(folder, 'max_position_embeddings', 'n_positions', 'n_ctx', 'seq_length')
  return options.contextSize ?? Math.min(trained ?? DEFAULT_CONTEXT, DEFAULT_CONTEXT)
}

function nameFor({ sdk, folder, options }: OnnxModelParts, device: string): string {
  const { fingerprint, dtype, chatTemplate } = folder
  const { threads, batchSize } = options
  const size = contextFor({ sdk, folder, options })
  const all = [
    fingerprint,
    dtype,
    chatTemplate,
    options.chatTemplate,
    size,
    device,
    threads,
    batchSize,
    sdk.env.version,
  ]
  return createHash('sha256').update(JSON.stringify(all)).digest('base64')
}

/** Is a model that is ready to answer. */
export class Engine implements LocalEngine {
  readonly name: string
  readonly contextSize: number
  readonly vocabulary: TokenizerVocabulary
  readonly #template: ChatTemplate
  readonly #model: OnnxModel
  readonly #pool: SequencePool<Place>
  readonly #options: HuggingfaceOptions

  private constructor(
    parts: OnnxModelParts,
    made: { readonly model: OnnxModel; readonly tokenizer: PreTrainedTokenizer },
  ) {
    const { model, tokenizer } = made
    this.#model = model
    this.#options = parts.options
    this.#template = chatTemplate(tokenizer, parts)
    this.vocabulary = new TokenizerVocabulary(tokenizer, model.endTokens, this.#template.marks.turnEnd)
    this.contextSize = contextFor(parts)
    this.name = nameFor(parts, model.device)
    const places = Array.from({ length: parts.options.batch ?? 1 }, (): Place => ({ cache: model.emptyCache() }))
    this.#pool = new SequencePool(places, async (place) => {
      await place.cache.dispose()
      place.cache = model.emptyCache()
    })
  }

  /**
   * Loads a model and its tokenizer.
   *
   * @throws AiosError `AIOS_CORRUPT` if they do not load, `AIOS_UNSUPPORTED` without the device or a chat template,
   * `AIOS_QUOTA_EXCEEDED` for weights that are too large for the card
   */
  static async open(parts: OnnxModelParts & { readonly folder: ModelFolder }): Promise<Engine> {
    const tokenizer = await loadTokenizer(parts)
    const model = await OnnxModel.open(parts)
    try {
      return new Engine(parts, { model, tokenizer })
    } catch (error) {
      await model.close()
      throw error
    }
  }

  get syntax(): AnswerSyntax {
    return this.#template.marks.syntax
  }

  get evaluatedTokens(): number {
    return this.#model.evaluatedTokens
  }

  count(request: CoreRequest): number {
    return this.#render(request).tokens.length
  }

  async prepare(request: CoreRequest): Promise<AnswerTask> {
    const { batchSize = DEFAULT_BATCH_SIZE, logits: hook } = this.#options
    const [model, pool] = [this.#model, this.#pool]
    return Promise.resolve({
      ...this.#render(request),
      lend: async (hold) => {
        const place = await pool.acquire(hold.signal)
        return new OnnxSequence({ model, pool, place, request, hold, batchSize, hook })
      },
    })
  }

  async close(reason: AiosError): Promise<void> {
    await this.#pool.close(reason)
    await this.#model.close()
  }

  #render(request: CoreRequest): TextPrompt & { readonly tokens: readonly number[] } {
    const prompt = renderPrompt(this.#template, request)
    return { ...prompt, tokens: this.vocabulary.tokenize(prompt.text) }
  }
}
