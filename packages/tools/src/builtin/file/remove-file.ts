import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { shape } from '../input-shape.js'
import { type FileEntry, fileEntry } from './file-entry.js'
import { fileConflictKeys, pathField } from './file-path.js'

/** Makes the tool `builtin/remove_file`. Two calls on one path run one after the other. */
export function removeFile(): Tool<unknown, FileEntry> {
  return defineTool({
    name: 'remove_file',
    source: 'builtin',
    description: 'Removes one file, or one empty directory, for good. Returns what it was.',
    input: shape({ path: pathField('The file or empty directory.') }),
    conflictKeys: fileConflictKeys,
    execute: async ({ path }, { sys }): Promise<FileEntry> => fileEntry(await sys.storage.remove({ path })),
  })
}
