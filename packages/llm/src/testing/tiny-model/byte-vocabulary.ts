/** Words that the tiny model speaks in; each begins with its space, as those of real tokenizers do. */
const WORDS = (
  'the a an agent kernel queue waits runs of time slot and then goes on model token in to is it was ' +
  'sleeps wakes reads writes calls answers asks memory disk core tool plan step fast slow next last one two'
).split(' ')
const SENTENCE = ['.', ',', '!', '?', '\n']
/** Ends a turn, begins a turn, ends a text. */
export const SPECIAL = { turnEnd: '<|im_end|>', turnStart: '<|im_start|>', textEnd: '<|endoftext|>' } as const

/** Is how readily the model says a token. */
export type Liking = 'word' | 'quote' | 'piece' | 'character' | 'lead' | 'never' | 'turnEnd'

/** Is one token: its bytes, or the name of what is no text. */
export interface ByteToken {
  /** As the file writes it: bytes as the letters that GPT-2's tokenizer shows them by. */
  readonly shown: string
  readonly liking: Liking
  readonly isSpecial: boolean
}

/** Is what the tiny model's tokenizer knows. */
export interface ByteVocabulary {
  readonly tokens: readonly ByteToken[]
  /** Pairs of tokens that are joined, most urgent first. */
  readonly merges: readonly string[]
  /** Bytes of which each must be followed by the next, so that only whole characters are said. */
  readonly chains: readonly (readonly [from: number, to: number])[]
}

const isPlain = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)

/** Shows each byte by a printable letter of its own, as GPT-2's tokenizer does. */
function shownBytes(): readonly string[] {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPlain(byte) ? byte : next++))
}

/** Characters beyond ASCII that the model says, byte by byte: each a token of its own that is no text alone. */
const CHAINED = ['é', '🌍']

const chainsOf = (character: string): (readonly [number, number])[] => {
  const bytes = [...Buffer.from(character)]
  return bytes.slice(1).map((to, index) => [bytes[index] as number, to] as const)
}

function likingOf(byte: number, leads: ReadonlySet<number>): Liking {
  const text = String.fromCharCode(byte)
  if (leads.has(byte)) return 'lead'
  if (byte >= 0x80 || (byte < 0x20 && text !== '\n') || byte === 0x7f) return 'never'
  if (text === '"') return 'quote'
  return SENTENCE.includes(text) ? 'word' : 'character'
}

/** Makes the vocabulary: every byte, the words with all their beginnings, and what marks turns. */
export function byteVocabulary(): ByteVocabulary {
  const shown = shownBytes()
  const leads = new Set(CHAINED.map((character) => Buffer.from(character)[0] as number))
  const tokens = new Map<string, ByteToken>()
  const add = (token: ByteToken): void => {
    tokens.set(token.shown, token)
  }
  for (const [byte, letter] of shown.entries()) add({ shown: letter, liking: likingOf(byte, leads), isSpecial: false })
  const merges = new Set<string>()
  for (const word of WORDS) {
    const letters = [...Buffer.from(` ${word}`)].map((byte) => shown[byte] as string)
    let begun = letters[0] as string
    for (const [index, letter] of letters.slice(1).entries()) {
      merges.add(`${begun} ${letter}`)
      begun += letter
      const isWhole = index === letters.length - 2
      if (isWhole || !tokens.has(begun)) add({ shown: begun, liking: isWhole ? 'word' : 'piece', isSpecial: false })
    }
  }
  add({ shown: SPECIAL.turnEnd, liking: 'turnEnd', isSpecial: true })
  add({ shown: SPECIAL.turnStart, liking: 'never', isSpecial: true })
  add({ shown: SPECIAL.textEnd, liking: 'never', isSpecial: true })
  return { tokens: [...tokens.values()], merges: [...merges], chains: CHAINED.flatMap(chainsOf) }
}
