import { looksLikePath, readName } from '../grammar/name.js'
import { MACROS } from '../grammar/macros.js'
import { compilePatterns } from '../grammar/pattern.js'
import type { Token } from '../grammar/question.js'
import { readPlace, readScope } from '../grammar/scope.js'
import type { Scope } from '../grammar/scope.js'
import type { Intent } from './intent.js'

interface Slots {
  readonly scope: Scope
  readonly place: string
  readonly name: string
  readonly path: string
}

const READERS = { scope: readFilesScope, place: readPlace, name: readName, path: readPath }
const compile = (patterns: readonly string[]) => compilePatterns<Slots>(patterns, READERS, MACROS)
const LIST = '(list|show|print|display|give|get|name|enumerate|ls|dir)'
const SEEK =
  '(find|name|locate|search for|look for|list|show|give|get|display|which are|what are|where are|where is|where can i find)'

const files = compile([
  `(${LIST} $me|what are|which are) (the|a|all|all the)? (name|names|list|paths|listing) of <scope>`,
  '(which|what) of <scope>',
  '(which|what) $file are <scope>',
  'what (does|do) (the)? $folder (named|called)? <name> (contain|hold|have)',
  'what (does|do) (the)? <name> $folder (contain|hold|have)',
  'what (does|do) (this|the|the current|the given) $folder (contain|hold|have)',
  `${SEEK} $me <scope> $there`,
  '(which|what) <scope> ($there|are available)',
  '(which|what) $file (are|is|lie|exist|are there|do you find|can be found) (in|inside|within|under|below) <place>',
  '(which|what) $file (does|do) <place> (contain|have|hold)',
  `${LIST} $me (the)? (content|contents|entries) of <place>`,
  'what is (there)? (in|inside) (the)? $folder <name>',
  'what is (there)? (in|inside) (the)? <name> $folder',
  'what is (there)? (in|inside) (this|the|the current|the given) $folder',
  '(ls|dir) <place>?',
  `${LIST} $me <place>`,
])
const named = compile([
  '(find|locate|where is|where can i find|look for) (the|a|any)? (file|document)? (named|called)? <name> (located|stored|saved|found)?',
  'search for (the|a|any)? (file|document) (named|called)? <name>',
  'search for (the)? <path>',
])
const exists = compile([
  '(is|are) there (a|an|any)? <scope>',
  'is there (a|an|any)? <path>',
  '(does|do) <scope>',
  '(does|do) (the|a)? (file|document)? (named|called)? <name> exist',
  'is there (a|any)? (file|document) (named|called)? <name>',
])
const folders = compile([
  `(${SEEK} $me)? (which|what)? $the $folder $there`,
  `(${SEEK} $me)? (which|what)? $the $folder (are|are there|is|is there)? (in|inside|within|of|under|below) <place>`,
])

/** Reads questions about which files or folders there are. */
export function* readList(tokens: readonly Token[]): Generator<Intent> {
  for (const { place } of folders(tokens)) yield listed(place === undefined ? {} : { place }, { what: 'folders' })
  for (const { scope, place, name } of files(tokens)) yield listed(scope ?? placed(place ?? name))
  for (const { path, name = path ?? '' } of named(tokens)) yield listed({ named: { kind: 'is', text: name } })
  for (const { scope, path, name = path ?? '' } of exists(tokens)) {
    yield listed(scope ?? { named: { kind: 'is', text: name } }, { yesNo: true })
  }
}

function readPath(tokens: readonly Token[]): string | undefined {
  const name = readName(tokens)
  return name !== undefined && looksLikePath(name) ? name : undefined
}

function placed(place: string | undefined): Scope {
  return place === undefined ? {} : { place }
}

function listed(
  scope: Scope,
  { what = 'files', yesNo = false }: { what?: 'files' | 'folders'; yesNo?: boolean } = {},
): Intent {
  return { kind: 'list', scope, what, yesNo }
}

/** Only what speaks of files: a bare name is not a wish to see a list. */
function readFilesScope(tokens: readonly Token[]): Scope | undefined {
  const scope = readScope(tokens)
  if (scope?.names !== undefined || scope === undefined) return undefined
  const isBarePlace = scope.place !== undefined && Object.keys(scope).length === 1
  const speaksOfFiles = tokens.some(({ text, quoted }) => !quoted && /^(files?|documents?|everything)$/i.test(text))
  return isBarePlace && !speaksOfFiles ? undefined : scope
}
