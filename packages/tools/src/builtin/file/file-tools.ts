import type { Tool } from '../../registry/tool.js'
import { fileInfo } from './file-info.js'
import { listFiles } from './list-files.js'
import { readFile } from './read-file.js'
import { removeFile } from './remove-file.js'
import { searchFiles } from './search-files.js'
import { writeFile } from './write-file.js'

/**
 * Makes the tools `builtin/list_files`, `read_file`, `search_files`, `file_info`, `write_file` and `remove_file`. They
 * work on the storage device through syscalls of the caller, so its grants, budget and accounting hold.
 *
 * @example
 * ```ts
 * import { fileTools, tools } from '@aios/tools'
 *
 * const readOnly = fileTools().filter((tool) => !/write|remove/.test(tool.name))
 * const device = tools(readOnly)
 * ```
 */
export function fileTools(): readonly Tool[] {
  return [listFiles(), readFile(), searchFiles(), fileInfo(), writeFile(), removeFile()]
}
