import { WRITE_CHARS } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { shape, text } from '../input-shape.js'
import { type FileEntry, fileEntry } from './file-entry.js'
import { fileConflictKeys, pathField } from './file-path.js'

const DESCRIPTION = `Writes a text file. It is created with its directories if it is not there; if it is, its whole \
content is replaced, so read it first and send everything that should stay.`

/** Makes the tool `builtin/write_file`. Two calls on one path run one after the other. */
export function writeFile(): Tool<unknown, FileEntry> {
  return defineTool({
    name: 'write_file',
    source: 'builtin',
    description: DESCRIPTION,
    input: shape({
      path: pathField('The file.'),
      content: text('The whole new content.', { min: 0, max: WRITE_CHARS }),
    }),
    conflictKeys: fileConflictKeys,
    execute: async ({ path, content }, { sys }): Promise<FileEntry> =>
      fileEntry(await sys.storage.write({ path, content })),
  })
}
