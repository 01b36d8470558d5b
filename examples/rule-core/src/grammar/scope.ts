import { readCondition, readNeedle } from './condition.js'
import type { Condition, Needle } from './condition.js'
import { readAnyExtension, readExtension, readGlobExtension } from './extension.js'
import { MACROS } from './macros.js'
import { readName, readNames } from './name.js'
import { compilePatterns } from './pattern.js'
import type { Token } from './question.js'

/** Tells files by their name: the whole name, also without its ending or with `*` in it, or a part of it. */
export interface NameTest {
  readonly kind: 'is' | 'has' | 'starts'
  readonly text: string
}

/** Says which files are meant. Without any key: all of them. */
export interface Scope {
  /** Files or folders by path, name or name without ending; each has to exist. */
  readonly names?: readonly string[]
  /** A folder; its subfolders count too. */
  readonly place?: string
  /** Ending of the name without its dot, in lower case. */
  readonly extension?: string
  readonly named?: NameTest
  /** What a file has to contain. */
  readonly condition?: Condition
}

interface ScopeSlots {
  readonly names: readonly string[]
  readonly name: string
  readonly needle: Needle
  readonly place: string
  readonly extension: string
  readonly glob: string
  /** Any extension, after words that leave no doubt. */
  readonly ending: string
  readonly condition: Condition
}

const roots = compilePatterns<object>(
  ['(this|the|the current|the given|the whole|the entire|the sample|the working|the root) $folder', '(here|there|it)'],
  {},
  MACROS,
)
const places = compilePatterns<{ name: string }>(
  ['(the)? $folder (named|called)? <name>', '(the)? <name> $folder', '<name>'],
  { name: readName },
  MACROS,
)

/** Reads the name of a folder; `.` is the folder that everything is about. */
export function readPlace(tokens: readonly Token[]): string | undefined {
  if (roots(tokens).length > 0) return '.'
  for (const { name } of places(tokens)) if (name !== undefined) return name
  return undefined
}

const ANY = '$the (text|plain text|regular)? $file'
const NAME = '(name|names|filename|filenames|file name|file names)'
const WHERE = '(are|is|lie|lies|are there)? (in|inside|within|from|of|under|below|throughout|across) <place>'
const OF_KIND = [
  ANY,
  '$the <extension> $file',
  '$the <glob> $file?',
  `${ANY} (that|which)? (with|having|of|have|has) (the|a|an)? (file)? (extension|suffix|ending|type) (of)? <ending>`,
  `${ANY} (that|which)? (with|having|have|has) (the|a|an)? <ending> (file)? (extension|suffix|ending)`,
  `${ANY} (that|which)? (end|ends|ending) (in|with) <ending>`,
  `${ANY} (whose|where the) ${NAME} (end|ends) (in|with) <ending>`,
]
const BY_NAME = [`${ANY} (that are|which are)? (named|called) <name>`, `${ANY} with the ${NAME} <name>`]
const NAME_HAS = [
  `${ANY} (whose|where the) ${NAME} (contain|contains|include|includes|has|have) <needle>`,
  `${ANY} (that|which)? (with|having|have|has) <needle> in (the|its|their) ${NAME}`,
  `${ANY} (that|which)? (contain|containing|including|include) <needle> in (the|its|their) ${NAME}`,
]
const NAME_STARTS = [`${ANY} (whose|where the) ${NAME} (start|starts|begin|begins) with <needle>`]
const READERS = {
  names: readNames,
  name: readName,
  needle: readNeedle,
  place: readPlace,
  extension: readExtension,
  glob: readGlobExtension,
  ending: readAnyExtension,
  condition: readContent,
}
const ENDINGS = [
  `${ANY} ${WHERE} (that|which)? (end|ends|ending) (in|with) <ending>`,
  `${ANY} ${WHERE} (with|having) (the|a|an)? (file)? (extension|suffix|ending) <ending>`,
]
const anywhere = (patterns: readonly string[]): readonly string[] => [
  ...patterns,
  ...patterns.map((pattern) => `${pattern} ${WHERE}`),
]
const scopesOf = (patterns: readonly string[]) => compilePatterns<ScopeSlots>(patterns, READERS, MACROS)

const whole = scopesOf(['(everything|everywhere|anywhere)'])
const byName = scopesOf(anywhere(BY_NAME))
const nameHas = scopesOf(anywhere(NAME_HAS))
const nameStarts = scopesOf(anywhere(NAME_STARTS))
const scopes = scopesOf([
  ...anywhere(OF_KIND),
  ...ENDINGS,
  ...['$the <extension> $file', ANY].flatMap((kind) => [
    `${kind} ${WHERE} <condition>`,
    `${kind} <condition>`,
    `${kind} <condition> ${WHERE}`,
  ]),
  '(the|both|both the|each of|all of)? $file <names>',
  '(the)? <extension> $file <names>',
  '(the)? <names> $file',
  '<names>',
  '<place>',
])

/** A file as a whole can contain a text; only lines start and end with one. */
function readContent(tokens: readonly Token[]): Condition | undefined {
  const condition = readCondition(tokens)
  return condition?.kind === 'has' ? condition : undefined
}

/** Reads which files are meant. */
export function readScope(tokens: readonly Token[]): Scope | undefined {
  if (whole(tokens).length > 0) return {}
  for (const { name, ...rest } of byName(tokens)) return { ...rest, named: { kind: 'is', text: name ?? '' } }
  for (const { needle, ...rest } of nameHas(tokens))
    return { ...rest, named: { kind: 'has', text: needle?.text ?? '' } }
  for (const { needle, ...rest } of nameStarts(tokens)) {
    return { ...rest, named: { kind: 'starts', text: needle?.text ?? '' } }
  }
  for (const { glob, ending = glob, ...rest } of scopes(tokens)) {
    return ending === undefined ? rest : { ...rest, extension: ending }
  }
  return undefined
}
