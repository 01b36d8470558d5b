import type { Captured, JournalEntry, RunJournal } from '@aios/kernel'
import { capturedError, capturedValue, Hidden } from './captured-value.js'
import { duration, oneLine } from './one-line.js'
import { textTable, type Cell } from './text-table.js'
import { valueText } from './value-text.js'

/**
 * Characters that a request and an outcome take at most and at least, that the other columns take, that a bar takes, and that
 * a line has to have for bars to fit.
 */
const WIDTH = { most: 44, least: 12, others: 44, bar: 24, withBars: 120 } as const

type CallLine = Extract<JournalEntry, { readonly kind: 'call' | 'open' }>
type OtherLine = Exclude<JournalEntry, CallLine>

/** Is what the cells of a line are made with. */
interface Layout {
  /** Characters of a request and of an outcome. */
  readonly text: number
  /** Parts of answers that were delivered and not settled, by the path of their call. */
  readonly delivered: ReadonlyMap<string, number>
}

/**
 * Writes a run as a timeline: each call under whoever made it, in the order in which they were made, with the line that tells
 * how it settled.
 *
 * @param columns - characters of a line of the terminal; bars are drawn where there is room
 */
export function traceText({ header, lines }: RunJournal, columns: number): string {
  const from = header.createdAt
  const until = lines.reduce((last, line) => Math.max(last, 'endedAt' in line ? line.endedAt : line.at), from + 1)
  const withBars = columns >= WIDTH.withBars
  const head = ['LINE', 'CALL', 'SYSCALL', 'REQUEST', 'TOOK', 'TOKENS', 'OUTCOME', ...(withBars ? ['TIME'] : [])]
  const room = columns - WIDTH.others - (withBars ? WIDTH.bar + 2 : 0)
  const text = Math.min(WIDTH.most, Math.max(WIDTH.least, Math.floor(room / 2)))
  const layout = { text, delivered: deliveredIn(lines) }
  const rows = shown(lines).map((line) => [
    ...(isCall(line) ? callCells(line, layout) : otherCells(line, layout)),
    ...(withBars ? [bar(line, { from, until })] : []),
  ])
  const took = header.endedAt === undefined ? '' : ` in ${duration(header.endedAt - from)}`
  const state = header.halted === undefined ? header.state : `halted: ${oneLine(header.halted, 80)}`
  const title = `${oneLine(header.runId, 80)}: ${oneLine(header.name, 80)}, ${state}${took}`
  return `${title}\n${textTable(head, rows)}`
}

/** The calls by their place, each once; then the end. What only helps to go on with a run is left out. */
function shown(lines: readonly JournalEntry[]): readonly JournalEntry[] {
  const settled = new Set(lines.flatMap((line) => (line.kind === 'call' ? [line.path] : [])))
  const opened = new Map(lines.flatMap((line) => (line.kind === 'open' ? [[line.path, line] as const] : [])))
  const told = lines.filter((line) => {
    if (line.kind === 'open') return !settled.has(line.path) && opened.get(line.path) === line
    return line.kind !== 'parts' && line.kind !== 'context'
  })
  return told.sort((a, b) => placeOf(a) - placeOf(b) || byPath(pathOf(a), pathOf(b)) || a.n - b.n)
}

/** Counts what was delivered of answers since they were begun; one that begins anew counts anew. */
function deliveredIn(lines: readonly JournalEntry[]): ReadonlyMap<string, number> {
  const delivered = new Map<string, number>()
  for (const line of lines) {
    if (line.kind === 'open') delivered.delete(line.path)
    else if (line.kind === 'parts') delivered.set(line.path, (delivered.get(line.path) ?? 0) + line.parts.length)
  }
  return delivered
}

function placeOf({ kind }: JournalEntry): number {
  return kind === 'start' ? 0 : kind === 'end' ? 2 : 1
}

/** The numbers of a path. What ended a process comes behind all that it did. */
function pathOf({ kind, path }: JournalEntry): readonly number[] {
  const numbers = path === '' ? [] : path.split('.').map(Number)
  return kind === 'kill' ? [...numbers, Number.POSITIVE_INFINITY] : numbers
}

function byPath(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    if (a[index]! !== b[index]!) return a[index]! < b[index]! ? -1 : 1
  }
  return a.length - b.length
}

function isCall(line: JournalEntry): line is CallLine {
  return line.kind === 'call' || line.kind === 'open'
}

function callCells(line: CallLine, { text, delivered }: Layout): readonly Cell[] {
  const call = `${'  '.repeat(line.path.split('.').length - 1)}${line.path}`
  const request = oneLine(requestText(line.row, capturedValue(line.request)), text)
  if (line.kind === 'open') {
    const parts = delivered.get(line.path)
    const sofar = parts === undefined ? '' : `, ${parts} ${parts === 1 ? 'part' : 'parts'}`
    return [line.n, call, line.row, request, '', '', oneLine(`not settled${sofar}`, text)]
  }
  const { usage, endedAt, at, outcome, result } = line
  const tokens = usage === undefined ? '' : `${usage.input.total ?? '?'}+${usage.output.total ?? '?'}`
  const ended = outcome === 'fulfilled' ? 'ok' : `${outcome}: ${failureText(result)}`
  return [line.n, call, line.row, request, duration(endedAt - at), tokens, oneLine(ended, text)]
}

function otherCells(line: OtherLine, { text }: Layout): readonly Cell[] {
  const cells = (told: string, outcome = ''): readonly Cell[] => [
    line.n,
    line.path,
    `(${line.kind})`,
    oneLine(told, text),
    '',
    '',
    oneLine(outcome, text),
  ]
  switch (line.kind) {
    case 'start':
      return cells(valueText(capturedValue(line.input)))
    case 'mail':
      return cells(`from ${line.from}: ${valueText(capturedValue(line.message))}`)
    case 'kill':
      return cells('', failureText(line.error))
    case 'end':
      return line.outcome === 'fulfilled'
        ? cells(valueText(capturedValue(line.result)), line.outcome)
        : cells('', `${line.outcome}: ${failureText(line.result)}`)
    default:
      return cells('')
  }
}

/** The part of a request that tells it from others: what was said last, which tool, which path. */
function requestText(row: string, request: unknown): string {
  if (typeof request !== 'object' || request === null || request instanceof Hidden) return valueText(request)
  const { messages, name, input, path, query } = request as Readonly<Record<string, unknown>>
  if (Array.isArray(messages)) {
    const { content } = (messages.at(-1) ?? {}) as { readonly content?: unknown }
    return valueText(content)
  }
  if (row === 'tool.call' && typeof name === 'string') return `${name} ${valueText(input)}`
  if (typeof path === 'string') return path
  return typeof query === 'string' ? query : valueText(request)
}

function failureText(captured: Captured): string {
  const error = capturedError(captured)
  if (error instanceof Hidden) return valueText(error)
  if (error.kind === 'value') return valueText(error.value)
  return `${error.code ?? error.name ?? 'Error'} ${error.message ?? ''}`.trimEnd()
}

function bar(line: JournalEntry, { from, until }: { readonly from: number; readonly until: number }): string {
  if (!isCall(line)) return ''
  const at = (time: number): number => Math.min(WIDTH.bar, Math.max(0, ((time - from) / (until - from)) * WIDTH.bar))
  const begin = Math.min(WIDTH.bar - 1, Math.floor(at(line.at)))
  const end = Math.max(begin + 1, Math.round(at(line.kind === 'call' ? line.endedAt : until)))
  return `${' '.repeat(begin)}${(line.kind === 'call' ? '█' : '░').repeat(end - begin)}`
}
