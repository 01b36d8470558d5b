import type { Captured, JournalEntry, RunJournal } from '@aios/kernel'
import { capturedValue } from './captured-value.js'
import { duration, oneLine } from './one-line.js'
import { textTable, type Cell } from './text-table.js'

/** Characters that a request takes, that a bar takes, and that a line has to have for bars to fit. */
const WIDTH = { request: 44, bar: 24, withBars: 120 } as const

type CallLine = Extract<JournalEntry, { readonly kind: 'call' | 'open' }>
type OtherLine = Exclude<JournalEntry, CallLine>

/**
 * Writes a run as a timeline: each call under whoever made it, in the order in which they were made, with the line that tells
 * how it settled.
 *
 * @param columns - characters of a line of the terminal; bars are drawn where there is room
 */
export function traceText({ header, lines }: RunJournal, columns: number): string {
  const from = header.createdAt
  const until = Math.max(from + 1, ...lines.map((line) => ('endedAt' in line ? line.endedAt : line.at)))
  const withBars = columns >= WIDTH.withBars
  const head = ['LINE', 'CALL', 'SYSCALL', 'REQUEST', 'TOOK', 'TOKENS', 'OUTCOME', ...(withBars ? ['TIME'] : [])]
  const rows = shown(lines).map((line) => [
    ...(isCall(line) ? callCells(line) : otherCells(line)),
    ...(withBars ? [bar(line, { from, until })] : []),
  ])
  const took = header.endedAt === undefined ? '' : ` in ${duration(header.endedAt - from)}`
  const title = `${oneLine(header.runId, 80)}: ${oneLine(header.name, 80)}, ${header.state}${took}`
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
  return told.sort((a, b) => placeOf(a) - placeOf(b) || byPath(a.path, b.path) || a.n - b.n)
}

function placeOf({ kind }: JournalEntry): number {
  return kind === 'start' ? 0 : kind === 'end' ? 2 : 1
}

function byPath(a: string, b: string): number {
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let index = 0; index < Math.min(x.length, y.length); index += 1) {
    const difference = (x[index] ?? 0) - (y[index] ?? 0)
    if (difference !== 0) return difference
  }
  return x.length - y.length
}

function isCall(line: JournalEntry): line is CallLine {
  return line.kind === 'call' || line.kind === 'open'
}

function callCells(line: CallLine): readonly Cell[] {
  const call = `${'  '.repeat(line.path.split('.').length - 1)}${line.path}`
  const request = oneLine(requestText(line.row, capturedValue(line.request)), WIDTH.request)
  if (line.kind === 'open') return [line.n, call, line.row, request, '', '', 'not settled']
  const { usage, endedAt, at, outcome, result } = line
  const tokens = usage === undefined ? '' : `${usage.input.total ?? '?'}+${usage.output.total ?? '?'}`
  const ended = outcome === 'fulfilled' ? 'ok' : `${outcome}: ${errorText(result)}`
  return [line.n, call, line.row, request, duration(endedAt - at), tokens, oneLine(ended, WIDTH.request)]
}

function otherCells(line: OtherLine): readonly Cell[] {
  const cells = (text: string, outcome = ''): readonly Cell[] => [
    line.n,
    line.path,
    `(${line.kind})`,
    oneLine(text, WIDTH.request),
    '',
    '',
    oneLine(outcome, WIDTH.request),
  ]
  switch (line.kind) {
    case 'start':
      return cells(textOf(capturedValue(line.input)))
    case 'mail':
      return cells(`from ${line.from}: ${textOf(capturedValue(line.message))}`)
    case 'kill':
      return cells('', errorText(line.error))
    case 'end':
      return line.outcome === 'fulfilled'
        ? cells(textOf(capturedValue(line.result)), line.outcome)
        : cells('', `${line.outcome}: ${errorText(line.result)}`)
    default:
      return cells('')
  }
}

/** The part of a request that tells it from others: what was said last, which tool, which path. */
function requestText(row: string, request: unknown): string {
  if (typeof request !== 'object' || request === null) return textOf(request)
  const { messages, name, input, path, query } = request as Readonly<Record<string, unknown>>
  if (Array.isArray(messages)) {
    const { content } = (messages.at(-1) ?? {}) as { readonly content?: unknown }
    return textOf(content)
  }
  if (row === 'tool.call' && typeof name === 'string') return `${name} ${textOf(input)}`
  if (typeof path === 'string') return path
  return typeof query === 'string' ? query : textOf(request)
}

function textOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value, plain) ?? '')
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  return value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value
}

function errorText(captured: Captured): string {
  const { code, name, message } = capturedValue(captured) as Readonly<Record<string, string | undefined>>
  return `${code ?? name ?? 'Error'}${message === undefined ? '' : ` ${message}`}`
}

function bar(line: JournalEntry, { from, until }: { readonly from: number; readonly until: number }): string {
  if (!isCall(line)) return ''
  const at = (time: number): number => Math.min(WIDTH.bar, Math.max(0, ((time - from) / (until - from)) * WIDTH.bar))
  const begin = Math.min(WIDTH.bar - 1, Math.floor(at(line.at)))
  const end = Math.max(begin + 1, Math.round(at(line.kind === 'call' ? line.endedAt : until)))
  return `${' '.repeat(begin)}${(line.kind === 'call' ? '█' : '░').repeat(end - begin)}`
}
