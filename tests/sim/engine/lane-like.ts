import type { SimOwner, SimTask } from './sim-task.js'

/** Is what gives out the slots of a simulated core. */
export interface LaneLike {
  submit(task: SimTask, now: number): void
  /** Is told that a call is back. */
  settle(task: SimTask, now: number): void
  /** Fills the free slots. */
  pump(now: number): void
  forget(owner: SimOwner): void
}

/** Is what such a lane needs of the simulation. */
export interface LaneHost {
  /** Starts a call that runs to its end. */
  start(task: SimTask, now: number): void
  /** Starts a call whose end the lane tells by `finish`. */
  begin(task: SimTask, now: number): void
  finish(task: SimTask, at: number): void
  at(time: number, callback: (now: number) => void): void
}
