/** Reads the repository itself, for the tests of its layout. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The absolute path of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The published packages. */
export const PACKAGES = ['kernel', 'llm', 'memory', 'storage', 'tools', 'sdk'] as const

const GENERATED = new Set(['node_modules', 'dist', '.git', '.reports', '.fences', '.aios', 'api'])

/** Lists every file below a folder of the repository that is not generated, as paths from the root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (GENERATED.has(entry.name) || path.startsWith('docs/reference/api')) return []
    return entry.isDirectory() ? filesBelow(path) : [relative('.', path)]
  })
}

/** Lists every folder below a folder of the repository. */
export function foldersBelow(folder: string): string[] {
  return [...new Set(filesBelow(folder).map((path) => path.slice(0, path.lastIndexOf('/'))))]
}

/** Reads a file of the repository. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Tells whether a path of the repository is a folder. */
export const isFolder = (path: string): boolean =>
  statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() ?? false

/** The part of a package manifest that the tests look at. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly type: string
  readonly sideEffects?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly files?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** Reads the manifest of a workspace package, or of the root for `.`. */
export const manifestOf = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest
