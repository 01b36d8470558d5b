import type { Standing } from './interleave.js'
import type { Machine } from './machine.js'

/** Compares one figure with what was promised. In continuous integration half the promise is enough. */
export interface Check {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly better: 'less' | 'more'
  readonly target: number
  readonly floor: number
}

/** Is one table of a report. */
export interface Section {
  readonly title: string
  readonly lines: readonly string[]
  readonly checks: readonly Check[]
}

/** Is all that one run of a benchmark says. */
export interface Report {
  readonly command: string
  readonly machine: Machine
  readonly loadAfter: readonly number[]
  readonly seconds: number
  readonly sections: readonly Section[]
}

/** Makes the check of a figure that should be small; its floor is twice the target. */
export function atMost(what: string, value: number, [target, unit]: readonly [number, string]): Check {
  return { what, value, unit, better: 'less', target, floor: target * 2 }
}

/** Makes the check of a figure that should be large; its floor is half the target. */
export function atLeast(what: string, value: number, [target, unit]: readonly [number, string]): Check {
  return { what, value, unit, better: 'more', target, floor: target / 2 }
}

/** Lowers the floor of a check whose target is missed on a loaded machine; docs/benchmarks.md gives the figure and the reason. */
export function floored(check: Check, floor: number): Check {
  return { ...check, floor }
}

/**
 * Makes the check of a figure that should be large, compared with one that was measured in another run: how fast the
 * machine happens to be decides as much as the code, so it is shown and never fails.
 */
export function aim(what: string, value: number, [target, unit]: readonly [number, string]): Check {
  return { what, value, unit, better: 'more', target, floor: 0 }
}

/** Tells whether a figure keeps a bound. */
export function keeps({ value, better }: Check, bound: number): boolean {
  return better === 'less' ? value <= bound : value >= bound
}

/** Writes a number with as many digits as it deserves. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return 'none'
  const size = Math.abs(value)
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places })
}

/** Writes what a comparison found, a line a contender. */
export function standingLines(standings: readonly Standing[]): readonly string[] {
  const width = Math.max(...standings.map(({ name }) => name.length))
  return standings.map(({ name, microseconds, ratio }) => {
    const time = `${digits(microseconds.median)} us (${digits(microseconds.low)} to ${digits(microseconds.high)})`
    const against = `${digits(ratio.median)}x (${digits(ratio.low)} to ${digits(ratio.high)})`
    return `${name.padEnd(width)}  ${time}, ${against}`
  })
}

/** Writes a report for people. */
export function reportText(report: Report): string {
  const { machine } = report
  return [
    `$ ${report.command}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; load ${machine.load.join(' ')} before, ${report.loadAfter.join(' ')} after; ${digits(report.seconds)} s`,
    'Processor time a call: medians, with the middle half of the rounds in brackets. A ratio is to the first line of its table, within each round.',
    ...report.sections.flatMap(({ title, lines, checks }) => [
      '',
      title,
      ...lines.map((line) => `  ${line}`),
      ...checks.map(checkText),
    ]),
    '',
    `${allChecks(report).filter((check) => keeps(check, check.floor)).length} of ${allChecks(report).length} floors kept, ${allChecks(report).filter((check) => keeps(check, check.target)).length} targets met.`,
  ].join('\n')
}

/** Lists the checks of a report. */
export function allChecks(report: Report): readonly Check[] {
  return report.sections.flatMap(({ checks }) => checks)
}

function checkText(check: Check): string {
  const { what, value, unit, better, target, floor } = check
  const verdict = keeps(check, target)
    ? 'target met'
    : keeps(check, floor)
      ? 'floor kept, target missed'
      : 'FLOOR MISSED'
  const word = better === 'less' ? 'at most' : 'at least'
  return `  ${verdict}: ${what} ${digits(value)} ${unit} (target ${word} ${digits(target)}, floor ${digits(floor)})`
}
