/** Is one word of a question, or everything between two quotes. */
export interface Token {
  readonly text: string
  /** The text in lower case; '' for what is quoted, which is never a word of the grammar. */
  readonly word: string
  readonly quoted: boolean
  /** Whether no space stands before it, so that `TODO:` can be put together again. */
  readonly glued: boolean
}

/** Is a question without greetings, quotes and modifiers: what is left has to match a pattern from end to end. */
export interface Question {
  readonly tokens: readonly Token[]
  readonly ignoreCase: boolean
  /** Only what lies directly in a folder, without its subfolders. */
  readonly direct: boolean
}

const OPEN = '\uE000'
const CLOSE = '\uE001'
const QUOTED = /"([^"]*)"|`([^`]*)`|«([^»]*)»|(?<=^|[\s(=:,])'([^']+)'(?=$|[\s?.!,;:)])/g
const IGNORE_CASE = [
  /\(?\b(?:ignoring|ignore|regardless of|irrespective of|disregarding)(?: the)?(?: (?:upper|lower)(?:case)?(?:-| and | or |\/)+(?:upper|lower)-?)? ?case\b\)?/gi,
  /\(?\bcase[- ]insensitiv(?:e|ely)\b\)?/gi,
  /\(?\bin (?:any|either|upper or lower) case\b\)?/gi,
]
const DIRECT = [
  /\bdirectly(?= in\b)/gi,
  /\(?\b(?:not including|without|excluding)(?: (?:its|the|any))? (?:subfolders|subdirectories)\b\)?/gi,
  /\(?\b(?:non-recursively|at the top level|on the top level)\b\)?/gi,
]
const RECURSIVE = [
  /\(?\b(?:including|with|and)(?: all)?(?: (?:its|the|any|of its))? (?:subfolders|subdirectories)\b\)?/gi,
  /\(?\brecursively\b\)?/gi,
]
const FILLING = [/\(?\b(?:in total|altogether|all together)\b\)?/gi]
const CASE_SENSITIVE = [/\(?\bcase[- ]sensitiv(?:e|ely)\b\)?/gi]
/** `a.csv's amount column` is the amount column of a.csv. */
const POSSESSIVE = /(\S+\.\w+)'s ((?:\w+ )?(?:column|field|size|contents?|text|lines|words|characters))\b/gi
const POLITE = [
  /^(?:please|kindly|hello|hi|hey|ok|okay|so|now|and)\b[\s,!]*/i,
  /^(?:can|could|would|will) you(?: please| kindly)?\s+/i,
  /^(?:i|we) (?:want|need|would like|wish) (?:you )?to (?:know|see|find out)?\s*/i,
  /^(?:please )?(?:tell (?:me|us)|find out|work out|figure out|let me know|determine|do you know|say)[\s,:]+/i,
]
const FAREWELL = /[\s,]*(?:\b(?:please|thanks|thank you|for me|to me|to us)\b)?[\s?!.]*$/i

/** Takes a question apart. Text between quotes is never changed or understood. */
export function readQuestion(text: string): Question {
  const quotes: string[] = []
  let rest = text
    .normalize('NFC')
    .replace(/[“”„]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, ' ')
    .replace(QUOTED, (_all, ...groups: (string | undefined)[]) => {
      quotes.push(groups.slice(0, 4).find((group) => group !== undefined) ?? '')
      return `${OPEN}${quotes.length - 1}${CLOSE}`
    })
    .replace(/\b(what|where|which|who|that|it|there)'s\b/gi, '$1 is')
    .replace(/\b(do|does|did|is|are)n't\b/gi, '$1 not')
    .replace(POSSESSIVE, '$2 of $1')
  const [withoutCase, ignoreCase] = without(rest, IGNORE_CASE)
  const [withoutDirect, direct] = without(withoutCase, DIRECT)
  rest = without(withoutDirect, [...RECURSIVE, ...CASE_SENSITIVE, ...FILLING])[0]
  return { tokens: tokensOf(trimmed(rest), quotes), ignoreCase, direct }
}

function without(text: string, patterns: readonly RegExp[]): readonly [string, boolean] {
  const left = patterns.reduce((current, pattern) => current.replace(pattern, ' '), text)
  return [left, left !== text]
}

function trimmed(text: string): string {
  let rest = text.trim()
  for (let before = ''; before !== rest;) {
    before = rest
    for (const pattern of POLITE) rest = rest.replace(pattern, '')
    rest = rest.replace(FAREWELL, '').trim()
  }
  return rest
}

function tokensOf(text: string, quotes: readonly string[]): readonly Token[] {
  const tokens: Token[] = []
  for (const match of text.matchAll(
    new RegExp(`${OPEN}(\\d+)${CLOSE}|[,;:]+(?= |$)|[^\\s${OPEN}]+?(?=[,;:]*(?: |$|${OPEN}))`, 'gu'),
  )) {
    const quote = match[1]
    const glued = match.index > 0 && text[match.index - 1] !== ' '
    if (quote === undefined) tokens.push({ text: match[0], word: match[0].toLowerCase(), quoted: false, glued })
    else tokens.push({ text: quotes[Number(quote)] ?? '', word: '', quoted: true, glued })
  }
  return tokens
}

/** Puts tokens together again as they stood in the question; quotes around quoted ones are left out. */
export function tokensText(tokens: readonly Token[]): string {
  return tokens.map(({ text, glued }, index) => (index > 0 && !glued ? ` ${text}` : text)).join('')
}
