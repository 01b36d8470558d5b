/** Number of hashed features: each fits 16 bits. */
export const FEATURES = 65_536
/** Letters of the pieces that words are cut into. */
export const PIECE = 4
const SPACE = 32

/** Begins the hash of features of a kind. */
export function kindOf(kind: string): number {
  return extended(0x811c9dc5, kind)
}

/** Hashes a feature by FNV-1a, folded to 16 bits. */
export function hashed(kind: number, value: string): number {
  return folded(extended(kind, value))
}

/** Hashes two words as one feature. */
export function hashedPair(kind: number, first: string, second: string): number {
  return folded(extended(extendedBy(extended(kind, first), SPACE), second))
}

/** Hashes the piece of a word from a place on; before and behind the word there is a space. */
export function hashedPiece(kind: number, word: string, from: number): number {
  let hash = kind
  for (let at = from; at < from + PIECE; at += 1)
    hash = extendedBy(hash, at < 0 || at >= word.length ? SPACE : word.charCodeAt(at))
  return folded(hash)
}

function extended(start: number, value: string): number {
  let hash = start
  for (let at = 0; at < value.length; at += 1) hash = extendedBy(hash, value.charCodeAt(at))
  return hash
}

function extendedBy(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193)
}

function folded(hash: number): number {
  return ((hash >>> 16) ^ hash) & 0xffff
}
