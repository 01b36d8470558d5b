import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from './program.js'

/** Names the traces of the Azure LLM inference dataset 2023 (CC-BY 4.0; Splitwise, ISCA 2024). */
export type TraceName = 'conv' | 'code'

/** Reads the sizes of the calls of a trace; undefined where `AIOS_DATA_DIR` does not have it. */
export function azureTrace(name: TraceName): readonly Call[] | undefined {
  const { AIOS_DATA_DIR: folder } = process.env
  if (folder === undefined) return undefined
  const text = readFileSync(join(folder, 'traces', `azure-llm-2023-${name}.csv`), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, input, output] = line.split(',')
      return { input: Number(input), output: Number(output) }
    })
}

/**
 * Makes calls with sizes like those of the `conv` trace: log-normal, medians 1,020 and 129 tokens, cut at 4,142 and 601,
 * which are that trace's 99th percentiles. For where the trace is not at hand.
 */
export function syntheticTrace(random: () => number, count = 20_000): readonly Call[] {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const size = (median: number, spread: number, most: number): number =>
    Math.max(1, Math.min(most, Math.round(median * Math.exp(spread * normal()))))
  return Array.from({ length: count }, () => ({ input: size(1_020, 0.9, 4_142), output: size(129, 0.9, 601) }))
}
