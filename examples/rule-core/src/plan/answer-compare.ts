import type { Intent, Metric } from '../intent/intent.js'
import { chooseFiles } from './choose-files.js'
import type { Place } from './choose-files.js'
import type { Entry } from './folder.js'
import { CannotAnswer, outputOf } from './plan.js'
import type { Plan } from './plan.js'
import { linesOf, readTexts } from './read-texts.js'
import { selectionText } from './select-files.js'

type CompareIntent = Intent & { readonly kind: 'compare' }

/** Is a file with its measure; times are milliseconds since the epoch. */
interface Measured {
  readonly path: string
  readonly amount: number
}

const THAN: Readonly<Record<Metric, { readonly most: string; readonly least: string }>> = {
  bytes: { most: 'is larger', least: 'is smaller' },
  lines: { most: 'has more lines', least: 'has fewer lines' },
  words: { most: 'has more words', least: 'has fewer words' },
  characters: { most: 'has more characters', least: 'has fewer characters' },
  modified: { most: 'is newer', least: 'is older' },
}

/** Answers which file has more of something, whether one has, or by how much. */
export function* answerCompare(intent: CompareIntent, place: Place): Plan {
  const selection = yield* chooseFiles(intent.scope, place)
  const { files } = selection
  if (files.length < 2 && intent.scope.names !== undefined) {
    throw new CannotAnswer(`There are not two different files to compare: only ${files[0]?.path ?? 'none'}.`)
  }
  const measured = yield* measureAll(files, intent.metric)
  const sign = intent.order === 'most' ? -1 : 1
  const ranked = [...measured].sort((a, b) => sign * (a.amount - b.amount))
  switch (intent.form) {
    case 'which':
      return whichText(intent, ranked, selectionText(selection))
    case 'is':
      return isText(intent, measured)
    case 'difference':
      return yield* differenceText(intent, measured)
    case 'both':
      return [
        ...measured.map((one) => said(one, intent.metric)),
        whichText(intent, ranked, selectionText(selection)),
      ].join('\n')
  }
}

function* measureAll(files: readonly Entry[], metric: Metric): Plan<readonly Measured[]> {
  if (metric === 'bytes') return files.map(({ path, sizeBytes }) => ({ path, amount: sizeBytes }))
  if (metric === 'modified') return files.map(({ path, modifiedAt }) => ({ path, amount: Date.parse(modifiedAt) }))
  const measured: Measured[] = []
  for (const { entry, text } of yield* readTexts(files)) {
    if (text !== undefined) measured.push({ path: entry.path, amount: amountOf(text, metric) })
  }
  return measured
}

function amountOf(text: string, metric: 'lines' | 'words' | 'characters'): number {
  if (metric === 'lines') return linesOf(text).length
  return metric === 'words' ? text.split(/\s+/).filter((word) => word !== '').length : [...text].length
}

function whichText({ metric, order }: CompareIntent, ranked: readonly Measured[], label: string): string {
  const [first, second] = ranked
  if (first === undefined) throw new CannotAnswer(`There is no file to compare in ${label}.`)
  const ties = ranked.filter(({ amount }) => amount === first.amount)
  if (ties.length > 1)
    return `${ties.map(({ path }) => path).join(' and ')} are equal: ${amountText(first, metric)} each.`
  if (second === undefined) return `${said(first, metric)}. There is no other file.`
  if (ranked.length > 2)
    return `${said(first, metric)}: the ${order} of ${ranked.length} files. Next is ${said(second, metric)}.`
  return `${said(first, metric)} ${THAN[metric][order]} than ${said(second, metric)}.`
}

function isText({ metric, order }: CompareIntent, [a, b]: readonly Measured[]): string {
  if (a === undefined || b === undefined) throw new CannotAnswer('One of the files could not be read as text.')
  if (a.amount === b.amount) return `No: ${a.path} and ${b.path} are equal: ${amountText(a, metric)} each.`
  const isMore = a.amount > b.amount
  const yes = isMore === (order === 'most')
  return `${yes ? 'Yes' : 'No'}: ${said(a, metric)} ${THAN[metric][isMore ? 'most' : 'least']} than ${said(b, metric)}.`
}

function* differenceText({ metric }: CompareIntent, [a, b]: readonly Measured[]): Plan {
  if (a === undefined || b === undefined) throw new CannotAnswer('One of the files could not be read as text.')
  const [answer] = yield [{ tool: 'calculator', input: { expression: `abs(${a.amount} - ${b.amount})` } }]
  const { result } = outputOf<{ result: string }>(answer)
  const unit = metric === 'modified' ? 'milliseconds' : metric
  return `The difference is ${result} ${unit}: ${said(a, metric)} and ${said(b, metric)}.`
}

function said(one: Measured, metric: Metric): string {
  return `${one.path} (${amountText(one, metric)})`
}

function amountText({ amount }: Measured, metric: Metric): string {
  if (metric === 'modified') return new Date(amount).toISOString()
  return amount === 1 ? `1 ${metric.slice(0, -1)}` : `${amount} ${metric}`
}
