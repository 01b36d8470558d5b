import { parseArgs } from 'node:util'

/** Is what `npm run sim` was asked for. */
export interface Arguments {
  readonly seed: number
  /** Programs of each comparison. */
  readonly programs: number
  /** Agents to time, instead of comparing. */
  readonly agents: number | undefined
}

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  programs: { type: 'string', default: '2000' },
  agents: { type: 'string' },
} as const

/** Reads the command line; returns a sentence instead if it is wrong. */
export function argumentsOf(words: readonly string[]): Arguments | string {
  try {
    const { seed, programs, agents } = parseArgs({ args: [...words], options: OPTIONS }).values
    return {
      seed: wholeOf('--seed', seed, 0),
      programs: wholeOf('--programs', programs, 1),
      agents: agents === undefined ? undefined : wholeOf('--agents', agents, 1),
    }
  } catch (error) {
    return `${(error as Error).message} Usage: npm run sim -- [--seed 1] [--programs 2000 | --agents 1000000]`
  }
}

function wholeOf(name: string, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= 2 ** 31))
    throw new Error(`Expected a whole number from ${least} to 2147483648 for ${name}, got "${text}".`)
  return value
}
