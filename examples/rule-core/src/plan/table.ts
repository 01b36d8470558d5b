/** Is a table as read from a file: rows of cells, as text. */
export type Table = readonly (readonly string[])[]

const DELIMITERS = [',', ';', '\t', '|']

/**
 * Reads comma-separated values after RFC 4180, also with semicolons, tabs or bars; without any of them, columns between
 * runs of spaces. Empty lines are left out.
 */
export function readTable(text: string): Table {
  const head = text.slice(0, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n')).replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => head.split(delimiter).length)
  const most = Math.max(...counts)
  if (most > 1) return delimited(text, DELIMITERS[counts.indexOf(most)]!)
  const rows = text.split('\n').map((line) => line.trim())
  return rows.filter((line) => line !== '').map((line) => line.split(/\s+/))
}

function delimited(text: string, delimiter: string): Table {
  const rows: string[][] = []
  let row: string[] = []
  const cell = new RegExp(`\\s*"((?:[^"]|"")*)"[^\\n${delimiter}]*|([^\\n${delimiter}]*)`, 'y')
  for (let at = 0; at < text.length;) {
    cell.lastIndex = at
    const match = cell.exec(text)!
    row.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim())
    at += match[0].length
    const isEndOfRow = text[at] !== delimiter
    if (!isEndOfRow && at + 1 === text.length) row.push('')
    if (isEndOfRow) {
      if (row.length > 1 || row[0] !== '') rows.push(row)
      row = []
    }
    at += 1
  }
  if (row.length > 0) rows.push(row)
  return rows
}
