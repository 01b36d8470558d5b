import type { Column } from '../grammar/column.js'
import { CannotAnswer } from './plan.js'
import { readTable } from './table.js'

/** Is the numbers of a file as decimals that a calculator reads, and how many cells held something else. */
export interface Numbers {
  readonly values: readonly string[]
  readonly others: number
}

type OneColumn = Exclude<Column, { kind: 'all' }>

const RECORDS = /\.(?:json|jsonl|ndjson)$/i
const PLAIN = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?$/i
const GROUPED = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/

/**
 * Collects the numbers of a file: those of a column of a table, those of a field of JSON records, or every number that
 * stands by itself.
 *
 * @throws CannotAnswer if the file has no such column, naming those it has
 */
export function numbersOf(path: string, text: string, column: Column): Numbers {
  if (column.kind === 'all') return allNumbers(path, text, column.title)
  return RECORDS.test(path) ? recordNumbers(path, text, column) : tableNumbers(path, text, column)
}

/** Reads a number out of a cell, also with a currency sign, a percent sign or grouped by commas. */
export function readNumber(cell: string): string | undefined {
  const bare = cell
    .trim()
    .replace(/^([-+]?)\s*[$€£¥]\s*/, '$1')
    .replace(/\s*[$€£¥%]$/, '')
  if (GROUPED.test(bare)) return decimal(bare.replaceAll(',', ''))
  return PLAIN.test(bare) ? decimal(bare) : undefined
}

/** Writes a number the way calculators take it: no plus sign, a digit on both sides of the point. */
function decimal(text: string): string {
  return text
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=e|$)/i, '')
}

function collected(cells: readonly string[]): Numbers {
  const numbers = cells.map(readNumber)
  const values = numbers.filter((number) => number !== undefined)
  const others = cells.filter((cell, index) => cell.trim() !== '' && numbers[index] === undefined).length
  return { values, others }
}

function allNumbers(path: string, text: string, title: string | undefined): Numbers {
  if (title !== undefined && !RECORDS.test(path) && titleIndex(readTable(text)[0] ?? [], title) >= 0) {
    return tableNumbers(path, text, { kind: 'title', title })
  }
  return looseNumbers(text)
}

function looseNumbers(text: string): Numbers {
  const words = text.split(/[\s,;|=()[\]{}"]+/).map((word) => word.replace(/^:|[.:!?]+$/g, ''))
  return { values: words.map(readNumber).filter((number) => number !== undefined), others: 0 }
}

function tableNumbers(path: string, text: string, column: OneColumn): Numbers {
  const [head = [], ...body] = readTable(text)
  if (column.kind === 'title') {
    const at = titleIndex(head, column.title)
    if (at < 0) return pairNumbers(path, { text, title: column.title, titles: head })
    return collected(body.map((row) => row[at] ?? ''))
  }
  const widest = Math.max(head.length, ...body.slice(0, 1_000).map((row) => row.length))
  const at = column.index < 0 ? widest + column.index : column.index - 1
  if (at >= widest) throw new CannotAnswer(`${path} has no column ${column.index}: it has ${widest}.`)
  // What is no number in the first row is a title.
  const isTitle = readNumber(head[at] ?? '') === undefined
  return collected((isTitle ? body : [head, ...body]).map((row) => row[at] ?? ''))
}

/** Takes `title: 12` and `title=12` anywhere in a text that is no table with such a column. */
function pairNumbers(path: string, file: { text: string; title: string; titles: readonly string[] }): Numbers {
  const title = file.title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pair = new RegExp(`(?<![\\p{L}\\p{N}_])${title}"?\\s*[:=]\\s*"?([-+]?[$€£¥]?[\\d.,]*\\d(?:e[-+]?\\d+)?)`, 'giu')
  const values = [...file.text.matchAll(pair)].map((match) => match[1] ?? '')
  if (values.length > 0) return collected(values)
  throw new CannotAnswer(
    `${path} has no column named "${file.title}". Its first line is: ${file.titles.join(', ').slice(0, 200)}`,
  )
}

function titleIndex(head: readonly string[], title: string): number {
  const ways = [
    (text: string) => text,
    (text: string) => text.trim().toLowerCase(),
    (text: string) =>
      text
        .trim()
        .toLowerCase()
        .replace(/[\s_-]+/g, ' ')
        .replace(/s$/, ''),
  ]
  for (const way of ways) {
    const at = head.findIndex((cell) => way(cell) === way(title))
    if (at >= 0) return at
  }
  return -1
}

function recordNumbers(path: string, text: string, column: OneColumn): Numbers {
  if (column.kind === 'index') throw new CannotAnswer(`${path} has fields, not columns: ask for one by its name.`)
  const records = recordsOf(path, text)
  const titles = [...new Set(records.flatMap((record) => Object.keys(record)))]
  const at = titleIndex(titles, column.title)
  if (at < 0)
    throw new CannotAnswer(
      `${path} has no field named "${column.title}". Its fields: ${titles.join(', ').slice(0, 200)}`,
    )
  const cells = records.map((record) => record[titles[at]!]).filter((cell) => cell !== undefined && cell !== null)
  return collected(cells.map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell))))
}

/** Finds the records: a list, the only list in an object, the object itself, or one object a line. */
function recordsOf(path: string, text: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const values = /\.json$/i.test(path)
      ? [JSON.parse(text) as unknown]
      : text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => JSON.parse(line) as unknown)
    const [only] = values
    const inner = values.length === 1 && isRecord(only) ? Object.values(only).filter(Array.isArray) : []
    const list = values.length === 1 && Array.isArray(only) ? only : inner.length === 1 ? inner[0]! : values
    return (list as unknown[]).filter(isRecord)
  } catch (error) {
    throw new CannotAnswer(`${path} is not valid JSON: ${(error as Error).message}`)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
