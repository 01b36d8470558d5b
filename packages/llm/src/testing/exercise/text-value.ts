import { pick, wholeBetween, type Random } from '../seeded-random.js'
import { PatternText, UnknownPattern } from './pattern-text.js'
import { unsupported, type Schema } from './schema-node.js'

const WORDS = ['harbour', 'winter', 'seven', 'lamp', 'river', 'north', 'copper', 'quiet'] as const
const TRIES = 200

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => String(wholeBetween(random, 0, 9))).join('')
}

function hex(random: Random, count: number): string {
  return Array.from({ length: count }, () => wholeBetween(random, 0, 15).toString(16)).join('')
}

const two = (n: number): string => String(n).padStart(2, '0')
const date = (random: Random): string =>
  `20${two(wholeBetween(random, 0, 99))}-${two(wholeBetween(random, 1, 12))}-${two(wholeBetween(random, 1, 28))}`
const time = (random: Random): string => [23, 59, 59].map((max) => two(wholeBetween(random, 0, max))).join(':')
const uuid = (random: Random): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${pick(random, [...'89ab'])}${hex(random, 3)}-${hex(random, 12)}`

/** Knows the formats of JSON Schema, and those that zod adds. */
const FORMATS: Readonly<Record<string, (random: Random) => string>> = {
  date,
  time: (random) => `${time(random)}Z`,
  'date-time': (random) => `${date(random)}T${time(random)}Z`,
  duration: (random) => `PT${wholeBetween(random, 1, 59)}M`,
  email: (random) => `${pick(random, WORDS)}${digits(random, 2)}@example.com`,
  'idn-email': (random) => `${pick(random, WORDS)}@example.com`,
  hostname: (random) => `${pick(random, WORDS)}.example.com`,
  'idn-hostname': (random) => `${pick(random, WORDS)}.example.com`,
  ipv4: (random) => `192.0.2.${wholeBetween(random, 1, 254)}`,
  ipv6: (random) => `2001:db8::${hex(random, 4)}`,
  cidrv4: (random) => `192.0.2.0/${wholeBetween(random, 8, 32)}`,
  cidrv6: (random) => `2001:db8::/${wholeBetween(random, 16, 64)}`,
  uri: (random) => `https://example.com/${pick(random, WORDS)}`,
  iri: (random) => `https://example.com/${pick(random, WORDS)}`,
  'uri-reference': (random) => `/${pick(random, WORDS)}`,
  'iri-reference': (random) => `/${pick(random, WORDS)}`,
  url: (random) => `https://example.com/${pick(random, WORDS)}`,
  uuid,
  guid: uuid,
  'json-pointer': (random) => `/${pick(random, WORDS)}`,
  'relative-json-pointer': (random) => `1/${pick(random, WORDS)}`,
  regex: () => '^[a-z]+$',
  base64: (random) => Buffer.from(pick(random, WORDS)).toString('base64'),
  base64url: (random) => Buffer.from(pick(random, WORDS)).toString('base64url'),
}

function follows(pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(pattern, 'u')
    return (text) => expression.test(text)
  } catch {
    const expression = new RegExp(pattern)
    return (text) => expression.test(text)
  }
}

function plainText(random: Random, min: number, max: number): string {
  let text: string = pick(random, WORDS)
  while (text.length < min) text += ` ${pick(random, WORDS)}`
  return text.slice(0, Math.max(min, Math.min(max, text.length)))
}

function patternText(pattern: string, random: Random, stretch: number): string {
  return new PatternText(pattern, random, stretch).write()
}

/**
 * Makes a text that follows `format`, `pattern`, `minLength` and `maxLength` of a schema.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` if it finds none
 */
export function textValue(schema: Schema, random: Random, path: string): string {
  const {
    format,
    pattern,
    minLength = 0,
    maxLength = Number.POSITIVE_INFINITY,
  } = schema as {
    readonly format?: string
    readonly pattern?: string
    readonly minLength?: number
    readonly maxLength?: number
  }
  const formatted = format !== undefined && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  const fitsPattern = pattern === undefined ? () => true : follows(pattern)
  const fits = (text: string): boolean => text.length >= minLength && text.length <= maxLength && fitsPattern(text)
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      // Formats first: the patterns that come with them are the longer ones. Then longer and longer texts.
      const isFormatted = formatted !== undefined && (pattern === undefined || attempt < TRIES / 2)
      const text = isFormatted
        ? formatted(random)
        : pattern === undefined
          ? plainText(random, minLength, maxLength)
          : patternText(pattern, random, 2 + attempt + (attempt % 2 === 0 ? 0 : minLength))
      if (fits(text)) return text
    }
  } catch (error) {
    if (!(error instanceof UnknownPattern)) throw error
    throw unsupported(path, `the pattern ${JSON.stringify(pattern)}, which has ${error.message}`)
  }
  throw unsupported(
    path,
    `a text for ${JSON.stringify({ format, pattern, minLength, maxLength: schema['maxLength'] })}`,
  )
}
