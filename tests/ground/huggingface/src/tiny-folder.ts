import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  byteVocabulary,
  SPECIAL,
  type ByteVocabulary,
} from '../../../../packages/llm/src/testing/tiny-model/byte-vocabulary.js'
import { onnxFile } from './onnx-file.js'
import { SHAPE, tinyGraph } from './tiny-graph.js'

/** Is what {@link tinyFolder} takes after the path. */
export interface TinyFolderOptions {
  /** Makes another model of the same shape. Default 1. */
  readonly seed?: number | undefined
  /** Jinja template of the conversation; null for none. Default: ChatML, with tools as Qwen's models write them. */
  readonly chatTemplate?: string | null | undefined
}

/** ChatML without a word of tools. */
export const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

const TOOL_TEMPLATE = `{%- if tools %}{{ '<|im_start|>system\\n' }}
{%- for tool in tools %}{{ tool | tojson + '\\n' }}{%- endfor %}{{ '<|im_end|>\\n' }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'tool' %}{{ '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
{%- else %}{{ '<|im_start|>' + message.role + '\\n' + message.content }}
{%- for call in message.tool_calls or [] %}
{%- if not loop.first or message.content %}{{ '\\n' }}{%- endif %}
{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}{{ '<|im_end|>\\n' }}
{%- endif %}{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}`

/** As the default, for a model that thinks between marks. */
export const THINKING_TEMPLATE = `{#- Thoughts stand between <think> and </think>. #}${TOOL_TEMPLATE}`

const BYTES = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }

function tokenizerOf({ tokens, merges }: ByteVocabulary): object {
  const added = [...tokens.entries()].filter(([, { isSpecial }]) => isSpecial)
  return {
    version: '1.0',
    added_tokens: added.map(([id, { shown }]) => ({
      ...{ id, content: shown, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    })),
    normalizer: null,
    pre_tokenizer: BYTES,
    post_processor: null,
    decoder: BYTES,
    model: {
      type: 'BPE',
      vocab: Object.fromEntries([...tokens.entries()].map(([id, { shown }]) => [shown, id])),
      merges,
    },
  }
}

function configOf({ tokens }: ByteVocabulary): object {
  const idOf = (wanted: string): number => tokens.findIndex(({ shown }) => shown === wanted)
  return {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: tokens.length,
    hidden_size: SHAPE.width,
    num_hidden_layers: SHAPE.layers,
    num_attention_heads: SHAPE.heads,
    num_key_value_heads: SHAPE.heads,
    head_dim: SHAPE.headWidth,
    max_position_embeddings: SHAPE.context,
    bos_token_id: idOf(SPECIAL.textEnd),
    eos_token_id: idOf(SPECIAL.turnEnd),
  }
}

/**
 * Writes a real language model of less than 100 KB into a folder, as transformers.js reads them: an ONNX graph of random weights, a
 * tokenizer of bytes and a few words, a chat template. The same seed writes the same bytes on every machine.
 *
 * @returns the folder
 */
export function tinyFolder(folder: string, { seed = 1, chatTemplate = TOOL_TEMPLATE }: TinyFolderOptions = {}): string {
  const vocabulary = byteVocabulary()
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  const write = (name: string, content: object): void => {
    writeFileSync(join(folder, name), JSON.stringify(content))
  }
  write('config.json', configOf(vocabulary))
  write('tokenizer.json', tokenizerOf(vocabulary))
  write('tokenizer_config.json', {
    tokenizer_class: 'GPT2Tokenizer',
    bos_token: SPECIAL.textEnd,
    eos_token: SPECIAL.turnEnd,
    ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
  })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), onnxFile(tinyGraph(vocabulary, seed)))
  return folder
}
