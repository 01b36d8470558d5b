/** Is one bar of a chart. */
export interface Bar {
  readonly label: string
  readonly value: number
}

const WIDTH = 720
const ROW = 28
const LEFT = 150
const RIGHT = 90

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Writes a number with three digits that count. */
export function brief(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

/** Draws horizontal bars as an SVG picture that stands alone. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const height = 48 + bars.length * ROW
  const rows = bars.map(({ label, value }, index) => {
    const top = 40 + index * ROW
    const width = Math.max(1, ((WIDTH - LEFT - RIGHT) * value) / most)
    const middle = top + 14
    return [
      `<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LEFT}" y="${top}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2"/>`,
      `<text x="${(LEFT + width + 6).toFixed(1)}" y="${middle}">${brief(value)}</text>`,
    ].join('')
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    '<style>text{font:13px system-ui,sans-serif;fill:#222}rect{fill:#3b6ea5}.t{font-weight:600}.b{fill:#fff}</style>',
    `<rect class="b" width="${WIDTH}" height="${height}"/>`,
    `<text class="t" x="12" y="24">${escaped(title)} (${escaped(unit)})</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}
