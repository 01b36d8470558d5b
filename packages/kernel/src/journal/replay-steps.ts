import type { EndEntry } from './journal-entry.js'
import type { Step } from './recorded-run.js'

/**
 * Returns the steps that are gone through: those up to a line, and without what the end of a killed run brought about, which
 * the end itself brings about again.
 */
export function stepsOfReplay(
  steps: readonly Step[],
  { until, ended }: { readonly until?: number | undefined; readonly ended?: EndEntry | undefined },
): readonly Step[] {
  const last = Math.min(until ?? Number.POSITIVE_INFINITY, lastBeforeEnd(steps, ended))
  return steps.map((step) => step.filter(({ n }) => n <= last)).filter((step) => step.length > 0)
}

/** The number of the last line that the end of the run did not bring about. */
function lastBeforeEnd(steps: readonly Step[], ended: EndEntry | undefined): number {
  if (ended?.outcome !== 'killed') return Number.POSITIVE_INFINITY
  return steps.flat().findLast((line) => !isOfEnd(line, ended))?.n ?? 0
}

function isOfEnd(line: Step[number], { result }: EndEntry): boolean {
  if (line.kind !== 'call' || line.outcome !== 'cancelled') return false
  return line.result.codec === 'e' && result.codec === 'e' && line.result.text === result.text
}
