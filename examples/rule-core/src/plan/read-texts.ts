import type { Entry } from './folder.js'
import { CannotAnswer } from './plan.js'
import type { Plan, ToolAnswer } from './plan.js'

/** Is a file with its text; `text` is undefined where it cannot be read as text. */
export interface TextFile {
  readonly entry: Entry
  readonly text: string | undefined
  /** Why not. */
  readonly problem?: string
}

interface Reading {
  readonly content: string
  readonly nextOffset?: number
}

const MOST_BYTES = 64 * 1_024 * 1_024

/** Reads whole files: the first page of each in parallel, then all remaining pages of all of them in parallel. */
export function* readTexts(entries: readonly Entry[]): Plan<readonly TextFile[]> {
  const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (bytes > MOST_BYTES)
    throw new CannotAnswer(`That means reading ${bytes} bytes; I read at most ${MOST_BYTES} for one question.`)
  if (entries.length === 0) return []
  const firsts = yield entries.map(({ path }) => ({ tool: 'read_file', input: { path } }))
  const rests = entries.map((entry, index) => offsetsAfter(entry, firsts[index]))
  const wanted = rests.flatMap((offsets, index) => offsets.map((offset) => ({ path: entries[index]!.path, offset })))
  const pages = wanted.length === 0 ? [] : yield wanted.map((input) => ({ tool: 'read_file', input }))
  let used = 0
  return entries.map((entry, index) => {
    const offsets = rests[index]!
    const own = pages.slice(used, (used += offsets.length))
    return joined(entry, [firsts[index], ...own], offsets[0])
  })
}

/**
 * Lists where the pages after the first one start. Each starts one character before the one before it could end, because
 * a page may end one character early rather than part a surrogate pair.
 */
function offsetsAfter({ sizeBytes }: Entry, first: ToolAnswer | undefined): readonly number[] {
  const next = first?.ok === true ? (first.output as Reading).nextOffset : undefined
  if (next === undefined) return []
  const stride = next - 1
  // A character takes at least one byte, so there are never more characters than bytes.
  return Array.from({ length: Math.ceil(sizeBytes / stride) - 1 }, (_none, index) => stride * (index + 1))
}

function joined(entry: Entry, pages: readonly (ToolAnswer | undefined)[], stride: number | undefined): TextFile {
  let text = ''
  for (const page of pages) {
    if (page?.ok !== true) return { entry, text: undefined, problem: page?.message ?? 'no answer' }
    const { content } = page.output as Reading
    text += stride === undefined ? content : content.slice(0, stride)
  }
  return { entry, text }
}

/** Splits a text into lines; a line break at its end starts no further one. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}
