import { GLOB_CHARS, LIST_ENTRIES } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { flag, integer, optional, shape, text } from '../input-shape.js'
import { type FileEntry, fileEntry } from './file-entry.js'
import { pathField } from './file-path.js'
import { matchesGlob } from './glob.js'

/** Is what `list_files` returns. */
export interface FileListing {
  readonly entries: readonly FileEntry[]
  /** How many entries there are, shown or not. */
  readonly total: number
  /** Where to go on; absent if nothing is left. */
  readonly nextOffset?: number
}

const DESCRIPTION = `Lists files and directories, sorted by path, with size and time of the last change. \
Use it to find out what there is and where. Set recursive to see everything below, glob to keep only some. \
"total" counts all; if "nextOffset" is there, more follow: call again with that offset.`

/** Makes the tool `builtin/list_files`. */
export function listFiles(): Tool<unknown, FileListing> {
  const { most, byDefault } = LIST_ENTRIES
  return defineTool({
    name: 'list_files',
    source: 'builtin',
    idempotent: true,
    description: DESCRIPTION,
    input: shape({
      path: optional(pathField('The directory. Default ".", the root.')),
      recursive: optional(flag('Whether to list everything below too. Default false.')),
      glob: optional(
        text('Keep only what matches, such as "*.md" (any name) or "docs/**/*.ts" (whole path).', {
          min: 1,
          max: GLOB_CHARS,
        }),
      ),
      offset: optional(integer('Entries to skip. Default 0.', { min: 0, max: Number.MAX_SAFE_INTEGER })),
      limit: optional(integer(`Most entries to show. Default ${byDefault}.`, { min: 1, max: most })),
    }),
    async execute(
      { path = '.', recursive = false, glob, offset = 0, limit = byDefault },
      { sys },
    ): Promise<FileListing> {
      const all = await sys.storage.list({ path, recursive })
      const kept = glob === undefined ? all : all.filter((entry) => matchesGlob(entry.path, glob))
      const entries = kept.slice(offset, offset + limit).map(fileEntry)
      const next = offset + entries.length
      return { entries, total: kept.length, ...(entries.length > 0 && next < kept.length ? { nextOffset: next } : {}) }
    },
  })
}
