/** Is what a pure step returns: the next state, and what has to be done before the next input, in order. */
export interface Transition<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Is an agent pattern taken apart: `step` decides and touches nothing, `perform` acts and decides nothing. */
export interface StepMachine<State, Input, Effect> {
  step(state: State, input: Input): Transition<State, Effect>
  /** Does what an effect asks for and returns the input that this makes, if any. */
  perform(effect: Effect): Promise<Input | undefined>
}

/**
 * Runs a machine until it asks for nothing more, and returns its last state. An effect that rejects ends the run with
 * that error, so a spent budget, a deadline or an abort leaves nothing running.
 */
export async function runMachine<State, Input, Effect>(
  machine: StepMachine<State, Input, Effect>,
  start: State,
  first: Input,
): Promise<State> {
  let state = start
  const inputs: Input[] = [first]
  for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
    const transition = machine.step(state, input)
    state = transition.state
    for (const effect of transition.effects) {
      const next = await machine.perform(effect)
      if (next !== undefined) inputs.push(next)
    }
  }
  return state
}
