import { pick, wholeBetween, type Random } from '../seeded-random.js'

const PRINTABLE = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n))
const DIGITS = [...'0123456789']
const LOWER = [...'abcdefghijklmnopqrstuvwxyz']
const UPPER = LOWER.map((letter) => letter.toUpperCase())
const WORD = [...LOWER, ...UPPER, ...DIGITS, '_']
const without = (set: readonly string[]): readonly string[] => PRINTABLE.filter((each) => !set.includes(each))

const CLASSES: Readonly<Record<string, readonly string[]>> = {
  d: DIGITS,
  D: without(DIGITS),
  w: WORD,
  W: without(WORD),
  s: [' '],
  S: without([' ']),
}
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  L: [...LOWER, ...UPPER],
  Letter: [...LOWER, ...UPPER],
  Lu: UPPER,
  Ll: LOWER,
  N: DIGITS,
  Nd: DIGITS,
}
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', 0: '\0' }

/** Says that an expression has something that no text is made from here. */
export class UnknownPattern extends Error {}

/**
 * Writes a text that follows a regular expression, as it is read from left to right. Assertions other than of beginning and end are
 * passed over, so the text must be held against the expression.
 */
export class PatternText {
  readonly #pattern: string
  readonly #random: Random
  readonly #stretch: number
  #at = 0

  /** @param stretch - how often more than it must something without bound is repeated, at most */
  constructor(pattern: string, random: Random, stretch: number) {
    this.#pattern = pattern
    this.#random = random
    this.#stretch = stretch
  }

  /** @throws UnknownPattern for what it does not know */
  write(): string {
    const text = this.#alternatives()
    if (this.#at < this.#pattern.length) throw new UnknownPattern(`an unexpected "${this.#pattern[this.#at]!}"`)
    return text
  }

  #alternatives(): string {
    const texts = [this.#sequence()]
    while (this.#takes('|')) texts.push(this.#sequence())
    return pick(this.#random, texts)
  }

  #sequence(): string {
    let text = ''
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#pattern[this.#at]!)) text += this.#repeated()
    return text
  }

  /** What is repeated is read anew each time, so that it need not come out the same. */
  #repeated(): string {
    const from = this.#at
    const first = this.#atom()
    const to = this.#at
    const [min, max] = this.#quantifier()
    const after = this.#at
    const count = wholeBetween(this.#random, min, max)
    if (count === 0) return ''
    let text = first
    for (let n = 1; n < count; n += 1) {
      this.#at = from
      text += this.#atom()
      if (this.#at !== to) throw new UnknownPattern('a part that reads differently the second time')
    }
    this.#at = after
    return text
  }

  #quantifier(): readonly [number, number] {
    const rest = this.#pattern.slice(this.#at)
    const found = /^(?:([?*+])|\{(\d+)(,(\d*))?\})\??/.exec(rest)
    if (found === null) return [1, 1]
    this.#at += found[0].length
    const [, sign, least, comma, most] = found
    if (sign === '?') return [0, 1]
    if (sign !== undefined) return sign === '*' ? [0, this.#stretch] : [1, 1 + this.#stretch]
    const min = Number(least)
    if (comma === undefined) return [min, min]
    return [min, most === '' || most === undefined ? min + this.#stretch : Math.min(Number(most), min + this.#stretch)]
  }

  #atom(): string {
    const sign = this.#next()
    switch (sign) {
      case '^':
      case '$':
        return ''
      case '.':
        return pick(this.#random, LOWER)
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '\\':
        return this.#escaped()
      default:
        return sign
    }
  }

  #group(): string {
    const opening = /^\?(?::|<?[=!]|<[A-Za-z_]\w*>)/.exec(this.#pattern.slice(this.#at))?.[0]
    if (opening === undefined && this.#pattern[this.#at] === '?') throw new UnknownPattern('a group of an unknown kind')
    this.#at += opening?.length ?? 0
    const text = this.#alternatives()
    if (!this.#takes(')')) throw new UnknownPattern('a group without end')
    return /[=!]$/.test(opening ?? '') ? '' : text
  }

  #escaped(): string {
    if (this.#takes('b') || this.#takes('B')) return ''
    const set = this.#escapedSet()
    return pick(this.#random, set)
  }

  #escapedSet(): readonly string[] {
    const sign = this.#next()
    if (Object.hasOwn(CLASSES, sign)) return CLASSES[sign]!
    if (Object.hasOwn(CONTROLS, sign)) return [CONTROLS[sign]!]
    const coded = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]+)\})/.exec(this.#pattern.slice(this.#at - 1))
    if (coded !== null) {
      this.#at += coded[0].length - 1
      return [String.fromCodePoint(Number.parseInt(coded[1] ?? coded[2] ?? coded[3]!, 16))]
    }
    const property = /^p\{(\w+)\}/.exec(this.#pattern.slice(this.#at - 1))
    if (property !== null && Object.hasOwn(PROPERTIES, property[1]!)) {
      this.#at += property[0].length - 1
      return PROPERTIES[property[1]!]!
    }
    if (/\w/.test(sign)) throw new UnknownPattern(`"\\${sign}"`)
    return [sign]
  }

  #class(): string {
    const isNegated = this.#takes('^')
    const members: string[] = []
    while (!this.#takes(']')) {
      const set = this.#member()
      if (set.length === 1 && this.#pattern[this.#at] === '-' && this.#pattern[this.#at + 1] !== ']') {
        this.#at += 1
        members.push(...range(set[0]!, this.#member()[0]!))
      } else members.push(...set)
    }
    const allowed = isNegated ? without(members) : members
    if (allowed.length === 0) throw new UnknownPattern('a class that holds nothing')
    return pick(this.#random, allowed)
  }

  #member(): readonly string[] {
    const sign = this.#next()
    if (sign !== '\\') return [sign]
    return this.#takes('b') ? ['\b'] : this.#escapedSet()
  }

  #next(): string {
    const sign = this.#pattern[this.#at]
    if (sign === undefined) throw new UnknownPattern('an end in the middle')
    this.#at += 1
    return sign
  }

  #takes(sign: string): boolean {
    if (this.#pattern[this.#at] !== sign) return false
    this.#at += 1
    return true
  }
}

function range(from: string, to: string): readonly string[] {
  const [first, last] = [from.codePointAt(0)!, to.codePointAt(0)!]
  if (last < first) throw new UnknownPattern('a range that runs backwards')
  // A few of a large alphabet will do.
  const count = Math.min(last - first + 1, PRINTABLE.length)
  return Array.from({ length: count }, (_, n) => String.fromCodePoint(first + n))
}
