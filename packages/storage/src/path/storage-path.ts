import { AiosError, type ErrorCode } from '@aios/kernel/driver'
import { isTempName } from './temp-name.js'

/** Names that a path may have; far below what the operating system can hold open at once. */
const DEPTH = 256

/** Is a path below the root as its names, outermost first; the root itself has none. */
export type StoragePath = readonly string[]

interface Objection {
  readonly code: ErrorCode
  readonly why: string
}

const invalid = (why: string): Objection => ({ code: 'AIOS_INVALID_SYSCALL', why })
const denied = (why: string): Objection => ({ code: 'AIOS_ACCESS_DENIED', why })

/** Takes off what a careless layer above or below might take off: percent signs and compatibility forms. */
function unmasked(name: string): string {
  const decoded = name.replace(/%2e/gi, '.').replace(/%2f/gi, '/').replace(/%5c/gi, '\\')
  return decoded.normalize('NFKC')
}

function objectionToName(name: string): Objection | undefined {
  if (name === '..') return denied('which holds ".."; write the path from the root')
  if (/^[. ]+$/.test(name)) return denied('which has a name of nothing but dots and spaces')
  if (isTempName(name)) return denied('a name kept for files that are being written')
  if (/(?:^|[\\/])\.\.[. ]*(?:$|[\\/])/.test(unmasked(name))) return denied('which holds ".." in disguise')
  return undefined
}

const namesOf = (path: string): StoragePath => path.split('/').filter((name) => name !== '' && name !== '.')

function objectionTo(path: string): Objection | undefined {
  if (path === '') return invalid('which is empty; the root is "."')
  if (path.includes('\0')) return invalid('which holds NUL')
  if (/\p{Surrogate}/u.test(path)) return invalid('which holds half a character')
  if (path.startsWith('/')) return denied('which is absolute')
  if (path.includes('\\')) return denied('which holds a backslash; names are parted by "/"')
  const names = namesOf(path)
  if (/^[a-z]:/i.test(names[0] ?? '')) return denied('which starts with a drive letter')
  if (names.length > DEPTH) return invalid(`which is more than ${DEPTH} names deep`)
  for (const name of names) {
    const objection = objectionToName(name)
    if (objection !== undefined) return objection
  }
  return undefined
}

/**
 * Reads the path of a request. Empty names and `.` fall away. Whatever would name something outside of the root on any
 * system is refused on every system, so that a program that works here works everywhere.
 *
 * @throws AiosError `AIOS_ACCESS_DENIED` for `..` in any disguise, absolute paths, drive letters, backslashes and names of
 * temporary files; `AIOS_INVALID_SYSCALL` for an empty path, NUL, text that is not well formed, and more than 256 names
 */
export function parsePath(path: string): StoragePath {
  const objection = objectionTo(path)
  if (objection === undefined) return namesOf(path)
  const shown = JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path)
  throw new AiosError(
    objection.code,
    `Expected a path below the root such as "notes/today.md", got ${shown}, ${objection.why}.`,
  )
}

/** Tells whether a request could name what stands at this place; what no request can name is not listed either. */
export function isNameable(path: StoragePath): boolean {
  return objectionTo(pathText(path)) === undefined
}

/** Writes a path the way requests and entries show it: relative to the root, which is `.`. */
export function pathText(path: StoragePath): string {
  return path.length === 0 ? '.' : path.join('/')
}
