/** Tiny models in folders for the huggingface core, and transformers.js without it. */
import { byteVocabulary } from '../../../../packages/llm/src/testing/tiny-model/byte-vocabulary.js'

export { bareAnswer, sdk } from './bare-model.js'
export { PLAIN_TEMPLATE, THINKING_TEMPLATE, tinyFolder, type TinyFolderOptions } from './tiny-folder.js'

/** Returns the id of a token of the tiny models; a byte is its own. */
export function tokenId(shown: string): number {
  return byteVocabulary().tokens.findIndex((token) => token.shown === shown)
}
