import { StemMemory } from './stem-memory.js'
import { STOP_WORDS } from './stop-words.js'

/** Characters of a token that count; what follows is dropped, so that one unbroken blob cannot fill the index. */
const TOKEN_CHARS = 64
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’]\p{L}+)*/gu
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Yields the characters and the pairs of neighbours of a run without spaces: the usual stand-in for a dictionary. */
function* pieces(run: string): Generator<string> {
  let previous = ''
  for (const character of run) {
    yield character
    if (previous !== '') yield previous + character
    previous = character
  }
}

/**
 * Splits a text into the terms that are indexed: Unicode words in NFKC and lower case, English ones without stop words
 * and inflection, scripts without spaces as characters and pairs. A text of stop words alone keeps them.
 *
 * @param stems - those that were found before; whoever splits many texts keeps one for all of them
 * @returns the terms in the order of the text, repeated as often as they stand there
 */
export function tokenize(text: string, stems = new StemMemory()): string[] {
  const terms: string[] = []
  const stopped: string[] = []
  for (const [match] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (UNSPACED.test(match)) {
      for (const piece of pieces(match)) terms.push(piece)
      continue
    }
    const word = match
      .replace(/['’]s$/, '')
      .replace(/['’]/g, '')
      .slice(0, TOKEN_CHARS)
    if (STOP_WORDS.has(word)) stopped.push(word)
    else terms.push(stems.stem(word))
  }
  return terms.length > 0 ? terms : stopped
}
