import { compilePatterns } from '../grammar/pattern.js'
import { tokensText } from '../grammar/question.js'
import type { Token } from '../grammar/question.js'
import type { Intent } from './intent.js'

const calculations = compilePatterns<{ expression: string; terms: readonly string[] }>(
  [
    '(what is|calculate|compute|evaluate|how much is|work out)? <expression>',
    '(what is|calculate|compute|find)? (the)? (sum|total) of <terms>',
    '(add|sum|sum up|add up) (the numbers)? <terms>',
  ],
  { expression: readExpression, terms: readTerms },
)
const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/\bplus\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\b(?:times|multiplied by)\b|×/gi, '*'],
  [/\bdivided by\b|÷/gi, '/'],
]

/** Reads arithmetic with plain numbers. */
export function* readCalculation(tokens: readonly Token[]): Generator<Intent> {
  for (const { expression, terms } of calculations(tokens)) {
    yield { kind: 'calculate', expression: expression ?? (terms ?? []).join(' + ') }
  }
}

function readExpression(tokens: readonly Token[]): string | undefined {
  const text = SPOKEN.reduce((current, [word, sign]) => current.replace(word, sign), tokensText(tokens))
  return /^[\d.+\-*/^()% ]+$/.test(text) && /\d\s*[+\-*/^%]\s*[-(.\d]/.test(text) ? text.trim() : undefined
}

function readTerms(tokens: readonly Token[]): readonly string[] | undefined {
  const words = tokens.filter(({ text, quoted }) => quoted || !/^(,|and|to|with)$/i.test(text)).map(({ text }) => text)
  return words.length >= 2 && words.every((word) => /^-?\d+(\.\d+)?$/.test(word)) ? words : undefined
}
