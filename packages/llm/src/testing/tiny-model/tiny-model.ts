import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkOptions, option } from '@aios/kernel/driver'
import { byteVocabulary, SPECIAL, type ByteVocabulary } from './byte-vocabulary.js'
import { ggufFile, type GgufValue } from './gguf-file.js'
import { SHAPE, tinyWeights } from './weights.js'

/** Is what {@link tinyModel} takes after the path. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface TinyModelOptions {
  /** Makes another model of the same shape; from 0. Default 1. */
  readonly seed?: number | undefined
}

const OPTIONS = option.object({ seed: option.optional(option.integer(0)) })

/** Writes turns as ChatML does, which runtimes know by its look. */
const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

const NORMAL = 1
const CONTROL = 3

const uint32 = (value: number): GgufValue => ({ type: 'uint32', value })
const float32 = (value: number): GgufValue => ({ type: 'float32', value })
const string = (value: string): GgufValue => ({ type: 'string', value })

function tokenizer({ tokens, merges }: ByteVocabulary): Record<string, GgufValue> {
  const idOf = (shown: string): GgufValue => uint32(tokens.findIndex((token) => token.shown === shown))
  return {
    'tokenizer.ggml.model': string('gpt2'),
    'tokenizer.ggml.pre': string('gpt-2'),
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens.map((token) => token.shown) },
    'tokenizer.ggml.token_type': {
      type: 'int32s',
      value: tokens.map(({ isSpecial }) => (isSpecial ? CONTROL : NORMAL)),
    },
    'tokenizer.ggml.merges': { type: 'strings', value: merges },
    'tokenizer.ggml.bos_token_id': idOf(SPECIAL.textEnd),
    'tokenizer.ggml.eos_token_id': idOf(SPECIAL.turnEnd),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    'tokenizer.chat_template': string(CHAT_TEMPLATE),
  }
}

function architecture(seed: number): Record<string, GgufValue> {
  return {
    'general.architecture': string('llama'),
    'general.name': string(`aios-tiny-${seed}`),
    'general.file_type': uint32(0),
    'llama.block_count': uint32(SHAPE.layers),
    'llama.context_length': uint32(SHAPE.context),
    'llama.embedding_length': uint32(SHAPE.width),
    'llama.feed_forward_length': uint32(SHAPE.inner),
    'llama.attention.head_count': uint32(SHAPE.heads),
    'llama.attention.head_count_kv': uint32(SHAPE.keyHeads),
    'llama.attention.layer_norm_rms_epsilon': float32(1e-5),
    'llama.rope.dimension_count': uint32(SHAPE.headWidth),
    'llama.rope.freq_base': float32(10_000),
  }
}

/**
 * Writes a real language model of less than 200 KB, for tests of local engines: a Llama of random weights in the GGUF format,
 * with a chat template (ChatML) and a window of 2,048 tokens. It speaks in English words without sense, now and then in `é` and
 * `🌍`, whose bytes are tokens of their own. The same seed writes the same bytes on every machine.
 *
 * @param path - the file; its folder is made if it is not there, a file that is there is replaced at once
 * @returns the path
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option
 * @example
 * ```ts
 * import { mkdtempSync, statSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { tinyModel } from '@aios/llm/testing'
 *
 * const path = tinyModel(join(mkdtempSync(join(tmpdir(), 'aios-')), 'tiny.gguf'))
 * console.log(statSync(path).size < 200_000) // true
 * ```
 */
export function tinyModel(path: string, options: TinyModelOptions = {}): string {
  checkOptions(
    'tinyModel()',
    path,
    option.custom('the path of a file', (value) => typeof value === 'string' && value !== ''),
  )
  checkOptions('tinyModel()', options, OPTIONS)
  const { seed = 1 } = options
  const vocabulary = byteVocabulary()
  const bytes = ggufFile({ ...architecture(seed), ...tokenizer(vocabulary) }, tinyWeights(vocabulary, seed))
  mkdirSync(dirname(path), { recursive: true })
  // Whoever reads meanwhile gets a whole model, the old one or the new one.
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, bytes)
  renameSync(draft, path)
  return path
}
