import type { Experiment } from '../experiment.js'
import type { Figures } from '../figure/figures.js'
import { barChart, brief } from './bar-chart.js'

const seconds = (ms: number): string => brief(ms / 1_000)

const COLUMNS: readonly (readonly [string, (figures: Figures) => string])[] = [
  ['policy', ({ policy }) => policy],
  ['mean slowdown', ({ slowdownMean }) => brief(slowdownMean)],
  ['p99 slowdown', ({ slowdownP99 }) => brief(slowdownP99)],
  ['evenness (Jain)', ({ fairness }) => brief(fairness)],
  ['within twice', ({ withinTwice }) => `${brief(withinTwice * 100)} %`],
  ['mean turnaround s', ({ turnaroundMean }) => seconds(turnaroundMean)],
  ['longest s', ({ turnaroundMax }) => seconds(turnaroundMax)],
  ['wait p50 s', ({ waitP50 }) => seconds(waitP50)],
  ['wait p99 s', ({ waitP99 }) => seconds(waitP99)],
  ['makespan s', ({ makespan }) => seconds(makespan)],
]

/** Writes the figures of an experiment as lines of text. */
export function table({ title, trace, figures }: Experiment): string {
  const rows = [COLUMNS.map(([name]) => name), ...figures.map((each) => COLUMNS.map(([, cell]) => cell(each)))]
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => (row[at] as string).length)))
  const lines = rows.map((row) => row.map((cell, at) => cell.padStart(widths[at] as number)).join('  '))
  return [`${title}; ${trace}`, ...lines].join('\n')
}

/** Draws what matters most in an experiment: how long programs were held up, or how long calls waited behind the hog. */
export function picture({ id, title, figures }: Experiment): string {
  return id === 'hog'
    ? barChart(
        `${title}: wait p99 of the others`,
        'seconds',
        bars(figures, ({ waitP99 }) => waitP99 / 1_000),
      )
    : barChart(
        `${title}: mean slowdown`,
        'times alone',
        bars(figures, ({ slowdownMean }) => slowdownMean),
      )
}

function bars(figures: readonly Figures[], value: (figures: Figures) => number): { label: string; value: number }[] {
  return figures.map((each) => ({ label: each.policy, value: value(each) }))
}

/** Writes the report as one page that needs nothing else. */
export function page(experiments: readonly Experiment[], seed: number): string {
  const body = experiments.map((experiment) => {
    const head = COLUMNS.map(([name]) => `<th>${name}</th>`).join('')
    const rows = experiment.figures.map(
      (figures) => `<tr>${COLUMNS.map(([, cell]) => `<td>${cell(figures)}</td>`).join('')}</tr>`,
    )
    return `<h2>${experiment.title}</h2><p>${experiment.trace}</p>${picture(experiment)}<table><tr>${head}</tr>${rows.join('')}</table>`
  })
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Scheduling policies, simulated</title>',
    '<style>body{font:15px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;font-size:13px}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}</style>',
    `<h1>Scheduling policies, simulated</h1><p>The policies are the objects that the kernel runs; seed ${seed}, 16 slots, a call takes 300 ms + 0.03 ms an input token + 12 ms an output token. How calls form programs is an assumption: the traces have single calls.</p>`,
    ...body,
    '</html>',
    '',
  ].join('\n')
}
