/** Is one cell: numbers are aligned right, text left. */
export type Cell = string | number

/**
 * Lays rows out in columns with two spaces between them.
 *
 * @param head - one title a column
 * @param rows - as many cells each
 * @returns lines without trailing spaces, each ended by a line feed
 */
export function textTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const all: readonly (readonly Cell[])[] = [head, ...rows]
  const widths = head.map((_title, column) =>
    all.reduce((width, row) => Math.max(width, String(row[column] ?? '').length), 0),
  )
  const isNumeric = head.map((_title, column) => rows.some((row) => typeof row[column] === 'number'))
  const line = (row: readonly Cell[]): string =>
    widths
      .map((width, column) => {
        const text = String(row[column] ?? '')
        return isNumeric[column] === true ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return all.map((row) => `${line(row)}\n`).join('')
}
