/** Is the hash of nothing. */
export const HASH_START = 0x811c9dc5
const PRIME = 0x01000193
const WORD = 0x1_0000_0000

/** Goes on with a hash (FNV-1a, 32 bits): each step keeps different hashes different, so that one changed byte always shows. */
export function hashBytes(bytes: Uint8Array, hash: number): number {
  let value = hash
  for (const byte of bytes) value = Math.imul(value ^ byte, PRIME)
  return value
}

/** Goes on with a hash over a safe integer that is not negative. */
export function hashInteger(integer: number, hash: number): number {
  return Math.imul(Math.imul(hash ^ (integer % WORD), PRIME) ^ Math.floor(integer / WORD), PRIME)
}
