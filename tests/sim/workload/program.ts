/** Is one call of a program, in tokens. */
export interface Call {
  readonly input: number
  readonly output: number
}

/**
 * Is a step of a program: its calls go out together and the next step begins `gapMs` after the last of them is back, when
 * the program has done with its tools.
 */
export interface Step {
  readonly calls: readonly Call[]
  readonly gapMs: number
}

/** Is an agent with everything it will ask: only a clairvoyant policy may look ahead. */
export interface Program {
  readonly name: string
  readonly tenant: string
  readonly arrivesAt: number
  readonly steps: readonly Step[]
  /** Whether figures count it: a hog is there only for the others to bear. */
  readonly counted: boolean
}

/** Says in milliseconds how long a core takes for a call. */
export type ServiceTime = (call: Call) => number

/**
 * Is the serving time of a mid-sized hosted model: 300 ms to begin, 0.03 ms for an input and 12 ms for an output token.
 * An assumption, the same for every policy.
 */
export const hostedModel: ServiceTime = ({ input, output }) => 300 + 0.03 * input + 12 * output

/** Returns how long a program would take alone. */
export function aloneMs(program: Program, serviceTime: ServiceTime): number {
  return program.steps.reduce((sum, { calls, gapMs }) => sum + Math.max(...calls.map(serviceTime)) + gapMs, 0)
}

/** Returns the service a program asks for. */
export function serviceMs(program: Program, serviceTime: ServiceTime): number {
  let sum = 0
  for (const { calls } of program.steps) for (const call of calls) sum += serviceTime(call)
  return sum
}
