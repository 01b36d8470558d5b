import type { Token } from './question.js'

/** Words that are never the name of a file, folder or column unless they stand in quotes. */
const GRAMMAR_WORDS = new Set(
  `a an the all any each every this that these those it its here there which what who whose how is are was do does did has
  have had in inside within from of across under throughout for over on at to into with without by and or not than then
  file files document documents folder folders directory directories subfolder subfolders subdirectory line lines row
  rows word words character characters byte bytes column columns field fields number numbers value values more most less
  least fewer fewest larger largest bigger biggest smaller smallest longer longest shorter shortest newer newest older
  oldest contain contains containing where when named called ending starting beginning size sum total together both
  please current given same extension greater we you i they listing got lower between per but except name names content contents text`.split(
    /\s+/,
  ),
)

/** Reads the name or path of one file or folder: one word, or anything in quotes. */
export function readName(tokens: readonly Token[]): string | undefined {
  const [token] = tokens
  if (token === undefined || tokens.length > 1) return undefined
  if (token.quoted) return token.text.trim() === '' ? undefined : cleanPath(token.text.trim())
  if (GRAMMAR_WORDS.has(token.text.toLowerCase()) || /[,;:?!<>|*"]/.test(token.text)) return undefined
  return cleanPath(token.text)
}

/** Reads one or more names between commas, `and`, `or`, `with`, `to`, `versus`. */
export function readNames(tokens: readonly Token[]): readonly string[] | undefined {
  const names: string[] = []
  let part: Token[] = []
  for (const token of [...tokens, undefined]) {
    if (token !== undefined && !isSeparator(token)) {
      if (part.length > 0 || !isFiller(token)) part.push(token)
      continue
    }
    if (part.length === 0) {
      if (token === undefined) return undefined
      continue
    }
    const name = readName(part)
    if (name === undefined) return undefined
    names.push(name)
    part = []
  }
  return names
}

/** Tells whether a word can only be meant as a path, because of a slash or an ending. */
export function looksLikePath(text: string): boolean {
  return /\/|\.[a-z0-9]{1,8}$/i.test(text)
}

function isSeparator({ text, quoted }: Token): boolean {
  return !quoted && /^(,|;|:|and|or|with|to|versus|vs\.?|against|&)$/i.test(text)
}

function isFiller({ text, quoted }: Token): boolean {
  return !quoted && /^(the|files?|documents?|folder|directory|either|both)$/i.test(text)
}

function cleanPath(path: string): string {
  const clean = path
    .replace(/\\/g, '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
  return clean === '' ? '.' : clean
}
