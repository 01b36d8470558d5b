import type { Token } from './question.js'

/** Reads what a slot of a pattern may stand for: the value of these tokens, or undefined if they are nothing of the kind. */
export type SlotReader<T> = (tokens: readonly Token[]) => T | undefined

/** Is a reader for every slot that patterns name. */
export type SlotReaders<Values> = { readonly [K in keyof Values]: SlotReader<Values[K]> }

type Slots = Readonly<Record<string, unknown>>

/** Is one question on its way through patterns; what a slot reads is read once for all of them. */
interface Run {
  readonly tokens: readonly Token[]
  readonly read: (slot: string, from: number, to: number) => unknown
}

/** Calls `next` for each way to go on after a part of a pattern has matched. */
type Matcher = (run: Run, at: Progress, next: (at: Progress) => void) => void

interface Progress {
  readonly position: number
  readonly slots: Slots
}

const SYMBOL = /<(\w+)>|\$(\w+)|[()|?]|[^\s()|?<>$]+/g

/**
 * Compiles patterns of words, `(this|that)`, `(maybe)?`, `<slot>` and `$macro` into a function that finds every way in
 * which a question can be read as one of them, in the order of the patterns, shorter slots first.
 *
 * @param patterns - each has to match a question from its first token to its last
 * @param readers - one for each slot
 * @param macros - texts that patterns name by `$`
 */
export function compilePatterns<Values extends object>(
  patterns: readonly string[],
  readers: SlotReaders<Values>,
  macros: Readonly<Record<string, string>> = {},
): (tokens: readonly Token[]) => readonly Partial<Values>[] {
  const matchers = patterns.map((pattern) => parseSequence(symbolsOf(pattern, macros)))
  return (tokens) => {
    const found: Slots[] = []
    const run: Run = { tokens, read: remembering(tokens, readers) }
    for (const match of matchers) {
      match(run, { position: 0, slots: {} }, ({ position, slots }) => {
        if (position === tokens.length) found.push(slots)
      })
    }
    return found as readonly Partial<Values>[]
  }
}

function remembering(tokens: readonly Token[], readers: Readonly<Record<string, SlotReader<unknown>>>): Run['read'] {
  const known = new Map<string, unknown>()
  return (slot, from, to) => {
    const key = `${slot} ${from} ${to}`
    if (!known.has(key)) known.set(key, readers[slot]?.(tokens.slice(from, to)))
    return known.get(key)
  }
}

function symbolsOf(pattern: string, macros: Readonly<Record<string, string>>): string[] {
  return [...pattern.matchAll(SYMBOL)].flatMap(([symbol, , macro]) => {
    if (macro === undefined) return [symbol]
    const text = macros[macro]
    if (text === undefined) throw new Error(`No macro is named $${macro}.`)
    return symbolsOf(text, macros)
  })
}

/** Reads symbols up to the end, a bar or a closing bracket, taking them away from the front. */
function parseSequence(symbols: string[]): Matcher {
  const parts: Matcher[] = []
  for (let symbol = symbols[0]; symbol !== undefined && symbol !== '|' && symbol !== ')'; symbol = symbols[0]) {
    symbols.shift()
    const part =
      symbol === '(' ? parseChoice(symbols) : symbol.startsWith('<') ? slot(symbol.slice(1, -1)) : word(symbol)
    if (symbols[0] === '?') symbols.shift()
    else {
      parts.push(part)
      continue
    }
    parts.push(choice([part, nothing]))
  }
  return parts.reduceRight((rest, part) => (run, at, next) => part(run, at, (after) => rest(run, after, next)), nothing)
}

function parseChoice(symbols: string[]): Matcher {
  const options = [parseSequence(symbols)]
  while (symbols[0] === '|') {
    symbols.shift()
    options.push(parseSequence(symbols))
  }
  if (symbols.shift() !== ')') throw new Error('A bracket is not closed.')
  return choice(options)
}

const nothing: Matcher = (_run, at, next) => {
  next(at)
}

function choice(options: readonly Matcher[]): Matcher {
  return (run, at, next) => {
    for (const option of options) option(run, at, next)
  }
}

function word(expected: string): Matcher {
  return ({ tokens }, { position, slots }, next) => {
    if (tokens[position]?.word === expected) next({ position: position + 1, slots })
  }
}

function slot(name: string): Matcher {
  return ({ tokens, read }, { position, slots }, next) => {
    for (let end = position + 1; end <= tokens.length; end += 1) {
      const value = read(name, position, end)
      if (value !== undefined) next({ position: end, slots: { ...slots, [name]: value } })
    }
  }
}
