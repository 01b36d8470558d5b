import type { Token } from './question.js'

const EXTENSIONS = new Set(
  `txt csv tsv md json jsonl ndjson log xml html htm yaml yml ts js mjs cjs tsx jsx py java c h cpp rs go rb php sh sql
  css ini toml cfg conf env pdf png jpg jpeg gif svg zip gz dat bin rst tex lock map`.split(/\s+/),
)
const SPOKEN: Readonly<Record<string, string>> = {
  text: 'txt',
  markdown: 'md',
  javascript: 'js',
  typescript: 'ts',
  python: 'py',
}

/** Reads an ending: `.x` and `*.x` for any x, or one of the usual ones without its dot. */
export function readExtension(tokens: readonly Token[]): string | undefined {
  const dotted = readGlobExtension(tokens)
  const text = tokens.length === 1 ? tokens[0]!.text.toLowerCase() : ''
  if (dotted !== undefined || EXTENSIONS.has(text)) return dotted ?? text
  return Object.hasOwn(SPOKEN, text) ? SPOKEN[text] : undefined
}

/** Reads `.x` and `*.x` for any x. */
export function readGlobExtension(tokens: readonly Token[]): string | undefined {
  const [token] = tokens
  if (token === undefined || tokens.length > 1) return undefined
  return /^\*?\.([a-z0-9][a-z0-9_-]*)$/i.exec(token.text)?.[1]?.toLowerCase()
}

/** Reads any ending, with or without its dot. */
export function readAnyExtension(tokens: readonly Token[]): string | undefined {
  const [token] = tokens
  if (token === undefined || tokens.length > 1) return undefined
  return /^\*?\.?([a-z0-9][a-z0-9_-]{0,15})$/i.exec(token.text)?.[1]?.toLowerCase()
}
