import { hostedModel, serviceMs, type Call, type Program, type Step } from './program.js'

/** Is what a workload is drawn from. */
export interface Source {
  readonly random: () => number
  /** Sizes to draw from. */
  readonly trace: readonly Call[]
}

/** Says how much there is to do. */
export interface Volume {
  readonly programs: number
  /** Slots of the core. */
  readonly slots: number
  /** Service asked for, over what the slots can give: above 1 the queue grows as long as programs arrive. */
  readonly load: number
}

const draw = ({ random, trace }: Source): Call => trace[Math.floor(random() * trace.length)] as Call
const exponential = (random: () => number, mean: number): number => -mean * Math.log(1 - random())

/** Draws from a Pareto distribution of this shape, from 1 to `most`. */
function boundedPareto(random: () => number, shape: number, most: number): number {
  const share = 1 - random() * (1 - most ** -shape)
  return Math.min(most, Math.floor(share ** (-1 / shape)))
}

/**
 * Makes programs that come at random. The trace has single calls only, so the structure is an assumption: the number of
 * calls of a program is Pareto (shape 1.15, at most 300), one after another, with tools taking a second between on average.
 */
export function sequential(source: Source, volume: Volume): readonly Program[] {
  const { random } = source
  return arriving(source, volume, () => {
    const count = boundedPareto(random, 1.15, 300)
    return Array.from({ length: count }, () => ({ calls: [draw(source)], gapMs: exponential(random, 1_000) }))
  })
}

/** Makes programs that plan, ask 2 to 8 helpers at once, and sum up; 1 to 4 times. Also an assumption. */
export function fanOut(source: Source, volume: Volume): readonly Program[] {
  const { random } = source
  return arriving(source, volume, () => {
    const rounds = 1 + Math.floor(random() * 4)
    return Array.from({ length: rounds }, (): Step[] => {
      const helpers = 2 + Math.floor(random() * 7)
      const gapMs = exponential(random, 500)
      return [
        { calls: [draw(source)], gapMs },
        { calls: Array.from({ length: helpers }, () => draw(source)), gapMs },
        { calls: [draw(source)], gapMs },
      ]
    }).flat()
  })
}

/**
 * Makes one agent that asks 5,000 things at once, and 20 that ask one thing after another, 25 times each, with half a
 * second of their user's between.
 */
export function hog(source: Source): readonly Program[] {
  const { random } = source
  const greedy: Program = {
    name: 'hog',
    tenant: 'default',
    arrivesAt: 0,
    steps: [{ calls: Array.from({ length: 5_000 }, () => draw(source)), gapMs: 0 }],
    counted: false,
  }
  const polite = Array.from({ length: 20 }, (_, index): Program => {
    const steps = Array.from({ length: 25 }, () => ({ calls: [draw(source)], gapMs: exponential(random, 500) }))
    return { name: `interactive-${index}`, tenant: 'default', arrivesAt: 1 + random() * 1_000, steps, counted: true }
  })
  return [greedy, ...polite]
}

/** Spreads programs over time so that they ask for `load` times what the slots can give. */
function arriving(
  { random }: Source,
  { programs, slots, load }: Volume,
  steps: () => readonly Step[],
): readonly Program[] {
  const made = Array.from({ length: programs }, (_, index): Program => {
    return { name: `program-${index}`, tenant: 'default', arrivesAt: 0, steps: steps(), counted: true }
  })
  const service = made.reduce((sum, program) => sum + serviceMs(program, hostedModel), 0)
  const meanGap = service / slots / load / programs
  let now = 0
  return made.map((program) => ({ ...program, arrivesAt: (now += exponential(random, meanGap)) }))
}
