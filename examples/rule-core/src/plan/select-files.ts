import type { NameTest, Scope } from '../grammar/scope.js'
import type { Entry, Folder } from './folder.js'

/** Is the files that a scope means, with words for them. */
export interface Selection {
  readonly files: readonly Entry[]
  /** The files by name, such as `a.txt and b.txt`, where the question names them. */
  readonly names?: string
  /** What stands before the word `files`, such as `.csv `. */
  readonly kind: string
  /** What stands after it, such as ` in docs`. */
  readonly rest: string
  /** Whether the question named one single file. */
  readonly isOneFile: boolean
}

/** Is a selection, or the reason why there is none. */
export type Selected = Selection | { readonly problem: string }

/** Is a name found: one entry, or the reason why not. */
type Found = { readonly entry: Entry } | { readonly problem: string }

const ROOT: Entry = { path: '.', kind: 'directory', sizeBytes: 0, modifiedAt: '' }

/**
 * Finds the files that a scope means; what they contain is not looked at.
 *
 * @param direct - only what lies directly in the named folder
 */
export function selectFiles(scope: Scope, folder: Folder, direct: boolean): Selected {
  if (scope.names !== undefined) return selectNamed(scope.names, folder, direct)
  const place = findName(scope.place ?? '.', folder)
  if ('problem' in place) return place
  if (place.entry.kind === 'file')
    return { files: [place.entry], names: place.entry.path, kind: '', rest: ` in ${place.entry.path}`, isOneFile: true }
  const below = filesIn(place.entry, folder, direct)
  const files = below.filter(({ path }) => hasExtension(path, scope.extension) && passesName(path, scope.named))
  const kind = scope.extension === undefined ? '' : `.${scope.extension} `
  const where = place.entry.path === '.' ? '' : ` in ${place.entry.path}`
  return { files, kind, rest: `${namedText(scope.named)}${where}`, isOneFile: false }
}

/** Names a selection within a sentence: `a.txt and b.txt`, `all files`, `the .csv files in docs`. */
export function selectionText({ names, kind, rest }: Selection): string {
  if (names !== undefined) return names
  return kind === '' && rest === '' ? 'all files' : `the ${kind}files${rest}`
}

/**
 * Finds one file or folder: by its path, by its name anywhere, by its name without ending, by the end of its path; first
 * as it is written, then in any case. The first way that finds anything decides.
 */
export function findName(name: string, { files, folders }: Folder): Found {
  if (name === '.') return { entry: ROOT }
  const all = [...files, ...folders]
  const ways: readonly ((entry: Entry) => string)[] = [
    ({ path }) => path,
    ({ path }) => baseName(path),
    ({ path, kind }) => (kind === 'file' ? stemOf(path) : path),
  ]
  for (const write of [(text: string) => text, (text: string) => text.toLowerCase()]) {
    for (const way of ways) {
      const found = all.filter((entry) => write(way(entry)) === write(name))
      if (found.length === 1) return { entry: found[0]! }
      if (found.length > 1) {
        const paths = found.map(({ path }) => path).join(', ')
        return { problem: `"${name}" is not unique: ${paths}. Ask again with the path of one of them.` }
      }
    }
  }
  const ends = all.filter(({ path }) => name.includes('/') && path.endsWith(`/${name}`))
  if (ends.length === 1) return { entry: ends[0]! }
  return { problem: `There is no file or folder named "${name}".` }
}

function selectNamed(names: readonly string[], folder: Folder, direct: boolean): Selected {
  const chosen = new Map<string, Entry>()
  const labels: string[] = []
  let isOneFile = names.length === 1
  for (const name of names) {
    const found = findName(name, folder)
    if ('problem' in found) return found
    const { entry } = found
    labels.push(entry.path === '.' ? 'the folder' : entry.path)
    if (entry.kind === 'directory') isOneFile = false
    for (const file of entry.kind === 'file' ? [entry] : filesIn(entry, folder, direct)) chosen.set(file.path, file)
  }
  const label = labels.join(' and ')
  return { files: [...chosen.values()], names: label, kind: '', rest: ` in ${label}`, isOneFile }
}

/** Returns what lies in a folder and, unless `direct`, in its subfolders. */
export function filesIn({ path }: Entry, { files }: Pick<Folder, 'files'>, direct: boolean): readonly Entry[] {
  const prefix = path === '.' ? '' : `${path}/`
  return files.filter(
    (file) => file.path.startsWith(prefix) && !(direct && file.path.slice(prefix.length).includes('/')),
  )
}

function hasExtension(path: string, extension: string | undefined): boolean {
  return extension === undefined || baseName(path).toLowerCase().endsWith(`.${extension}`)
}

function passesName(path: string, test: NameTest | undefined): boolean {
  if (test === undefined) return true
  const name = baseName(path).toLowerCase()
  const wanted = test.text.toLowerCase()
  if (test.kind === 'has') return name.includes(wanted)
  if (test.kind === 'starts') return name.startsWith(wanted)
  if (!wanted.includes('*')) return name === wanted || stemOf(name) === wanted || path.toLowerCase() === wanted
  const parts = wanted.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

function namedText(test: NameTest | undefined): string {
  if (test === undefined) return ''
  if (test.kind === 'is') return ` named "${test.text}"`
  return ` whose name ${test.kind === 'has' ? 'contains' : 'starts with'} "${test.text}"`
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function stemOf(path: string): string {
  const name = baseName(path)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(0, dot) : name
}
