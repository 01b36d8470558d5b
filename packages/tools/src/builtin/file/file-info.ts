import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { shape } from '../input-shape.js'
import { type FileEntry, fileEntry } from './file-entry.js'
import { pathField } from './file-path.js'

/** Makes the tool `builtin/file_info`. */
export function fileInfo(): Tool<unknown, FileEntry> {
  return defineTool({
    name: 'file_info',
    source: 'builtin',
    idempotent: true,
    description: 'Tells of one path whether it is a file or a directory, its size in bytes and when it last changed.',
    input: shape({ path: pathField('The file or directory.') }),
    execute: async ({ path }, { sys }): Promise<FileEntry> => fileEntry(await sys.storage.stat({ path })),
  })
}
