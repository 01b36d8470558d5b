import type { Captured, RunJournal } from '@aios/kernel'
import { capturedValue } from './captured-value.js'

/** Returns a run as plain data: each value that the journal keeps stands there itself; one that is hidden as `{ hidden }`. */
export function journalData({ header, lines }: RunJournal): Readonly<Record<string, unknown>> {
  return { ...header, lines: lines.map(lineData) }
}

function lineData(line: RunJournal['lines'][number]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(line).map(([key, value]: [string, unknown]) => [
      key,
      isCaptured(value) ? capturedValue(value) : value,
    ]),
  )
}

function isCaptured(value: unknown): value is Captured {
  return typeof value === 'object' && value !== null && 'codec' in value
}
