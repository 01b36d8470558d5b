import { createHash } from 'node:crypto'
import { AiosError, type CoreRequest, type Logger } from '@aios/kernel/driver'
import type { ChatWrapper, Llama, LlamaContext, LlamaContextSequence, LlamaModel, LlamaText } from 'node-llama-cpp'
import type { AnswerSyntax } from '../local/answer-syntax.js'
import type { AnswerTask, LocalEngine } from '../local/local-engine.js'
import { DEFAULT_BATCH_SIZE, DEFAULT_CONTEXT, threadsFor } from '../local/local-options.js'
import { SequencePool } from '../local/sequence-pool.js'
import { answerRule } from './answer-grammar.js'
import { answerSyntax } from './call-syntax.js'
import type { GgufDevice, GgufOptions } from './gguf-options.js'
import { LlamaSequence } from './llama-sequence.js'
import { foreignFile, type ModelFile } from './model-file.js'
import { renderPrompt } from './prompt.js'
import type { LlamaSdk } from './sdk.js'
import { StateFiles } from './state-files.js'

/** Is what an engine is made from. */
export interface EngineParts {
  readonly sdk: LlamaSdk
  readonly file: ModelFile
  readonly options: GgufOptions
  readonly log: Logger
}

const GPU = { auto: 'auto', cpu: false, cuda: 'cuda', metal: 'metal', vulkan: 'vulkan' } as const
/** An option that the package's types leave out: it would make a folder for temporary files, which nothing uses. */
const NO_FOLDER: object = { tempDir: false }

async function startLlama({ sdk, options, log }: EngineParts): Promise<Llama> {
  const { device = 'auto', maxGpuMemoryBytes } = options
  const gpu = device === 'webgpu' ? undefined : GPU[device]
  try {
    if (gpu === undefined) throw withoutDevice(device)
    if (gpu !== 'auto' && !(await sdk.getLlamaGpuTypes('allValid')).includes(gpu)) throw withoutDevice(device)
    const llama = await sdk.getLlama({
      gpu,
      // Nothing is compiled or fetched behind anybody's back.
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      maxThreads: threadsFor(options),
      logger: (level, message) => {
        if (level === sdk.LlamaLogLevel.error || level === sdk.LlamaLogLevel.fatal)
          log.warn(message.trim(), { engine: 'llama.cpp' })
        else log.debug(message.trim(), { engine: 'llama.cpp' })
      },
      ...(maxGpuMemoryBytes === undefined
        ? {}
        : { vramPadding: (total: number) => Math.max(0, total - maxGpuMemoryBytes) }),
      ...NO_FOLDER,
    })
    if (gpu === 'auto' || llama.gpu === gpu) return llama
    // The package makes do with the CPU where a card does not answer.
    await llama.dispose()
    throw withoutDevice(device)
  } catch (error) {
    throw AiosError.is(error) ? error : withoutDevice(device, error)
  }
}

function withoutDevice(device: GgufDevice, cause?: unknown): AiosError {
  const wanted = device === 'auto' ? 'this machine' : `device "${device}"`
  const message = `Expected a ready-made binary of llama.cpp for ${wanted}, got none that runs. Install the package of @node-llama-cpp for it, or choose another device.`
  return new AiosError('AIOS_UNSUPPORTED', message, cause === undefined ? {} : { cause })
}

function notLoaded({ sdk, file }: EngineParts, cause: unknown): AiosError {
  const why = cause instanceof Error ? cause.message : String(cause)
  if (!(cause instanceof sdk.InsufficientMemoryError))
    return foreignFile(file.path, `one that llama.cpp refuses: ${why}`, cause)
  const message = `Expected memory for the model "${file.path}", got too little: ${why} Give it a smaller contextSize or batch.`
  return new AiosError('AIOS_QUOTA_EXCEEDED', message, { cause })
}

async function loadModel(parts: EngineParts, llama: Llama): Promise<LlamaModel> {
  const { gpuLayers } = parts.options
  try {
    return await llama.loadModel({ modelPath: parts.file.path, ...(gpuLayers === undefined ? {} : { gpuLayers }) })
  } catch (error) {
    throw notLoaded(parts, error)
  }
}

async function makeContext(parts: EngineParts, model: LlamaModel): Promise<LlamaContext> {
  const { contextSize, batch = 1, batchSize = DEFAULT_BATCH_SIZE } = parts.options
  try {
    return await model.createContext({
      contextSize: contextSize ?? Math.min(model.trainContextSize, DEFAULT_CONTEXT),
      sequences: batch,
      batchSize,
      threads: threadsFor(parts.options),
      // A window that shrinks by itself would make other answers of the same request.
      failedCreationRemedy: false,
    })
  } catch (error) {
    throw notLoaded(parts, error)
  }
}

/** Is a model that is ready to answer. */
export class Engine implements LocalEngine {
  readonly sdk: LlamaSdk
  readonly llama: Llama
  readonly model: LlamaModel
  readonly context: LlamaContext
  readonly wrapper: ChatWrapper
  readonly syntax: AnswerSyntax
  readonly pool: SequencePool<LlamaContextSequence>
  readonly files: StateFiles
  /** Names the model and all of the engine that an answer depends on. */
  readonly name: string
  readonly #sequences: readonly LlamaContextSequence[]
  readonly #batchSize: number

  private constructor(parts: EngineParts, made: { context: LlamaContext; files: StateFiles }) {
    this.sdk = parts.sdk
    this.context = made.context
    this.files = made.files
    this.model = made.context.model
    this.llama = this.model.llama
    this.wrapper = parts.sdk.resolveChatWrapper(this.model, { warningLogs: false })
    this.syntax = answerSyntax(this.wrapper, parts.sdk, (words) => this.shown(words))
    this.#sequences = Array.from({ length: this.context.totalSequences }, () => this.context.getSequence())
    this.pool = new SequencePool(this.#sequences, (sequence) => sequence.clearHistory())
    this.#batchSize = parts.options.batchSize ?? DEFAULT_BATCH_SIZE
    this.name = this.#nameFor(parts.file)
  }

  /**
   * Loads a model.
   *
   * @throws AiosError `AIOS_UNSUPPORTED` without a binary for the device, `AIOS_CORRUPT` if the file is no model that llama.cpp
   * knows, `AIOS_QUOTA_EXCEEDED` without memory for it
   */
  static async open(parts: EngineParts): Promise<Engine> {
    const llama = await startLlama(parts)
    let files: StateFiles | undefined
    try {
      const model = await loadModel(parts, llama)
      const context = await makeContext(parts, model)
      files = await StateFiles.open(parts.options.stateDir)
      return new Engine(parts, { context, files })
    } catch (error) {
      await files?.close()
      await llama.dispose()
      throw error
    }
  }

  get vocabulary(): LlamaModel {
    return this.model
  }

  get contextSize(): number {
    return this.context.contextSize
  }

  get evaluatedTokens(): number {
    return this.#sequences.reduce(
      (sum, { tokenMeter }) => sum + tokenMeter.usedInputTokens + tokenMeter.usedOutputTokens,
      0,
    )
  }

  /** Writes text as its tokens show it, special ones included. */
  shown(words: LlamaText): string {
    return this.model.detokenize(words.tokenize(this.model.tokenizer), true)
  }

  count(request: CoreRequest): number {
    return renderPrompt(this, request).tokens.length
  }

  async prepare(request: CoreRequest): Promise<AnswerTask> {
    const prompt = renderPrompt(this, request)
    const { grammar, warnings, ...rule } = await answerRule({ llama: this.llama, request, names: prompt.names })
    return {
      ...prompt,
      ...rule,
      warnings: [...prompt.warnings, ...warnings],
      lend: async (hold) => {
        const sequence = await this.pool.acquire(hold.signal)
        return new LlamaSequence({ engine: this, sequence, grammar, hold, batchSize: this.#batchSize })
      },
    }
  }

  async close(reason: AiosError): Promise<void> {
    await this.pool.close(reason)
    await this.context.dispose()
    await this.model.dispose()
    await this.llama.dispose()
    await this.files.close()
  }

  #nameFor(file: ModelFile): string {
    const { repo, release } = this.llama.llamaCppRelease
    const all = [file.fingerprint, this.contextSize, this.llama.gpu, this.model.gpuLayers, repo, release]
    return createHash('sha256').update(JSON.stringify(all)).digest('base64')
  }
}
