import { AiosError } from '@aios/kernel/driver'
import { FILE_BYTES, READ_CHARS } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { integer, optional, shape } from '../input-shape.js'
import { pathField } from './file-path.js'

/** Is what `read_file` returns. */
export interface FileReading {
  readonly path: string
  readonly content: string
  /** The line that `offset` counts from; lines count from 1. */
  readonly fromLine: number
  readonly totalLines: number
  /** Where to go on, in characters after the start of `fromLine`; absent if this was all that was asked for. */
  readonly nextOffset?: number
}

const DESCRIPTION = `Reads a text file, at most ${READ_CHARS} characters at once. \
Give fromLine and lines to read only a part. If "nextOffset" is there, the text goes on: call again with the same \
fromLine and lines and that offset.`

const ANY = Number.MAX_SAFE_INTEGER

/** Returns where a line starts, counting from 1; the end of the text if there are fewer. */
function startOf(content: string, line: number): number {
  let start = 0
  for (let passed = 1; passed < line; passed += 1) {
    const end = content.indexOf('\n', start)
    if (end < 0) return content.length
    start = end + 1
  }
  return start
}

/** Counts the lines of a text; a line break at its end starts no further one. */
function countLines(content: string): number {
  let lines = 0
  for (let start = 0; start < content.length; lines += 1) {
    const end = content.indexOf('\n', start)
    start = end < 0 ? content.length : end + 1
  }
  return lines
}

/** Moves a cut that would part the two halves of one character. */
function wholeCharacters(content: string, cut: number): number {
  const last = content.charCodeAt(cut - 1)
  return cut < content.length && last >= 0xd800 && last <= 0xdbff ? cut - 1 : cut
}

/** Makes the tool `builtin/read_file`. */
export function readFile(): Tool<unknown, FileReading> {
  return defineTool({
    name: 'read_file',
    source: 'builtin',
    idempotent: true,
    description: DESCRIPTION,
    input: shape({
      path: pathField('The file.'),
      fromLine: optional(integer('First line to read, counting from 1. Default 1.', { min: 1, max: ANY })),
      lines: optional(integer('Most lines to read. Default: all.', { min: 1, max: ANY })),
      offset: optional(integer('Characters to skip after the start of fromLine. Default 0.', { min: 0, max: ANY })),
    }),
    async execute({ path, fromLine = 1, lines, offset = 0 }, { sys }): Promise<FileReading> {
      const { sizeBytes } = await sys.storage.stat({ path })
      if (sizeBytes > FILE_BYTES) {
        throw new AiosError(
          'AIOS_UNSUPPORTED',
          `Expected a file of at most ${FILE_BYTES} bytes, got ${path} with ${sizeBytes}.`,
        )
      }
      const { content } = await sys.storage.read({ path })
      const first = startOf(content, fromLine)
      const rest = content.slice(first)
      const end = lines === undefined ? rest.length : startOf(rest, lines + 1)
      const cut = wholeCharacters(rest, Math.min(end, offset + READ_CHARS))
      return {
        path,
        content: rest.slice(offset, cut),
        fromLine,
        totalLines: countLines(content),
        ...(cut < end ? { nextOffset: cut } : {}),
      }
    },
  })
}
