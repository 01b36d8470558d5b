import type { Sys } from '@aios/kernel'
import { AiosError, type StorageEntry } from '@aios/kernel/driver'
import { FILE_BYTES, GLOB_CHARS, LINE_CHARS, PATH_CHARS, REGEX, SEARCH_BYTES, SEARCH_MATCHES } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { flag, integer, optional, refinedShape, shape, text } from '../input-shape.js'
import { pathField } from './file-path.js'
import { type FileMatch, FileSearch } from './file-search.js'
import { matchesGlob } from './glob.js'
import { lineMatcher } from './line-matcher.js'

/** Is what `search_files` returns. */
export interface FileSearchResult {
  readonly matches: readonly FileMatch[]
  readonly filesSearched: number
  /** Files that hold no text, are too large, or went away. */
  readonly filesSkipped: number
  /** Why there may be more matches than shown; absent if these are all. */
  readonly incomplete?: string
}

const DESCRIPTION = `Searches the lines of all text files below a directory, or of one file, and returns the matching lines \
with path and line number. The query is plain text unless regex is true. Lines are shown up to ${LINE_CHARS} characters. \
If "incomplete" is there, it says why there may be more matches: narrow the search by path, glob or query.`

/** Codes of files that a search passes over: what they hold is no text, or they are gone or out of reach by now. */
const SKIPPED = ['AIOS_UNSUPPORTED', 'AIOS_NOT_FOUND', 'AIOS_ACCESS_DENIED'] as const

const INPUT = refinedShape(
  shape({
    query: text('What to search for, within one line.', { min: 1, max: PATH_CHARS }),
    regex: optional(flag('Whether the query is a regular expression (RE2 syntax). Default false.')),
    ignoreCase: optional(flag('Whether upper and lower case are the same. Default false.')),
    path: optional(pathField('The directory or file to search. Default ".", the root.')),
    glob: optional(
      text('Only files that match, such as "*.md" (any name) or "docs/**/*.ts" (whole path).', {
        min: 1,
        max: GLOB_CHARS,
      }),
    ),
    limit: optional(
      integer(`Most matches to show. Default ${SEARCH_MATCHES.byDefault}.`, { min: 1, max: SEARCH_MATCHES.most }),
    ),
  }),
  ({ query, regex = false, ignoreCase = false, path = '.', glob, limit = SEARCH_MATCHES.byDefault }) => ({
    matcher: lineMatcher({ query, regex, ignoreCase }),
    path,
    glob,
    limit,
  }),
)

async function filesBelow(sys: Sys, path: string, glob: string | undefined): Promise<readonly StorageEntry[]> {
  const top = path === '.' ? undefined : await sys.storage.stat({ path })
  if (top?.kind === 'file') return [top]
  const entries = await sys.storage.list({ path, recursive: true })
  return entries.filter((entry) => entry.kind === 'file' && (glob === undefined || matchesGlob(entry.path, glob)))
}

async function contentOf(sys: Sys, { path, sizeBytes }: StorageEntry): Promise<string | undefined> {
  if (sizeBytes > FILE_BYTES) return undefined
  try {
    const { content } = await sys.storage.read({ path })
    return content
  } catch (error) {
    if (SKIPPED.some((code) => AiosError.is(error, code))) return undefined
    throw error
  }
}

/** Makes the tool `builtin/search_files`. */
export function searchFiles(): Tool<unknown, FileSearchResult> {
  return defineTool({
    name: 'search_files',
    source: 'builtin',
    idempotent: true,
    description: DESCRIPTION,
    input: INPUT,
    async execute({ matcher, path, glob, limit }, context): Promise<FileSearchResult> {
      const search = new FileSearch(matcher, limit, context)
      let [bytes, filesSearched, filesSkipped] = [0, 0, 0]
      for (const file of await filesBelow(context.sys, path, glob)) {
        if (search.isFull || bytes > SEARCH_BYTES) break
        context.signal.throwIfAborted()
        const content = await contentOf(context.sys, file)
        if (content === undefined) {
          filesSkipped += 1
          continue
        }
        filesSearched += 1
        bytes += file.sizeBytes
        await search.scan(file.path, content)
      }
      const reasons = [
        ...(search.isFull ? [`only the first ${limit} matches are shown`] : []),
        ...(bytes > SEARCH_BYTES ? [`stopped after reading ${SEARCH_BYTES} bytes`] : []),
        ...(search.longLines > 0
          ? [`of ${search.longLines} long lines only the first ${REGEX.lineChars} characters were tested`]
          : []),
      ]
      return {
        matches: search.matches.slice(0, limit),
        filesSearched,
        filesSkipped,
        ...(reasons.length === 0 ? {} : { incomplete: reasons.join('; ') }),
      }
    },
  })
}
