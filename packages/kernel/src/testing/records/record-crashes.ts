import { checkOptions, option } from '../../option/check-options.js'
import type { RecordStore } from '../../record/record-store.js'
import { systemClock } from '../../time/system-clock.js'
import { check, type ConformanceCase } from '../conformance.js'
import { checkAfterKills } from './crash-checks.js'
import { CrashChild } from './crash-child.js'
import { CRASH_SPACES } from './crash-workload.js'
import { Dice } from './record-ground.js'
import { checkHistory } from './register-history.js'
import { operationOf } from './register-workload.js'

/** Is what `recordCrashes` takes. Unknown keys are rejected. */
export interface RecordCrashesOptions {
  /**
   * URL of an ES module whose default export makes a store from a string, not open yet. Child processes import it; it stands
   * where `@aios/kernel` can be imported.
   */
  readonly module: string | URL
  /** Returns what the store of a round is made from: a directory or prefix that nothing was written to. */
  argument(round: number): string | Promise<string>
  /** Cleans up behind a round. */
  discard?(argument: string): void | Promise<void>
  /** Rounds of a case; in each, every process is killed twice. Default 20. */
  readonly kills?: number
  /** How many processes may have the store open at once: 1 or 2, which adds cases. Default 1. */
  readonly openers?: number
  /** Operations of each writer in the case of linearizability. Default 200. */
  readonly operations?: number
  /** Chooses the moments of the kills, as far as they can be chosen. Default 1. */
  readonly seed?: number
  /** Arguments of Node for the child processes, such as a loader for TypeScript. Default: those of this process. */
  readonly execArgv?: readonly string[]
}

const OPTIONS = option.object({
  module: option.custom('the URL of a module', (value) => typeof value === 'string' || value instanceof URL),
  argument: option.function,
  discard: option.optional(option.function),
  kills: option.optional(option.integer(1)),
  openers: option.optional(option.integer(1, 2)),
  operations: option.optional(option.integer(2)),
  seed: option.optional(option.integer(0)),
  execArgv: option.optional(option.array(option.string)),
})

/** Most acknowledged writes, and then milliseconds, before a kill. */
const KILL = { acknowledged: 300, earlyAcknowledged: 5, delayMs: 12, openingMs: 25 } as const

function start(
  options: RecordCrashesOptions,
  order: Omit<CrashChild['order'], 'history'>,
  history?: number,
): CrashChild {
  return new CrashChild(String(options.module), { ...order, history }, options.execArgv ?? process.execArgv)
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(delayMs, resolve))
}

/** Opens what a round left, in this process, and closes it again. */
async function onStore(
  { module }: RecordCrashesOptions,
  argument: string,
  run: (store: RecordStore) => Promise<void>,
): Promise<void> {
  const loaded = (await import(/* @vite-ignore */ String(module))) as {
    readonly default: (argument: string) => RecordStore | Promise<RecordStore>
  }
  const store = await loaded.default(argument)
  await store.open()
  try {
    await run(store)
  } finally {
    await store.close()
  }
}

async function inRound(
  options: RecordCrashesOptions,
  round: number,
  run: (argument: string) => Promise<void>,
): Promise<void> {
  const argument = await options.argument(round)
  try {
    await run(argument)
  } finally {
    await options.discard?.(argument)
  }
}

/** Lets processes write, kills them at a moment of its choice, again when they have just started anew, and looks at what is left. */
async function crash(options: RecordCrashesOptions, processes: number): Promise<void> {
  const dice = new Dice(options.seed ?? 1)
  for (let round = 0; round < (options.kills ?? 20); round += 1) {
    await inRound(options, round, async (argument) => {
      const children: CrashChild[] = []
      for (const life of [0, 1]) {
        const living = Array.from({ length: processes }, (_, process) => start(options, { argument, life, process }))
        children.push(...living)
        try {
          const isInOpening = life === 1 && dice.below(2) === 0
          const most = life === 0 ? KILL.acknowledged : KILL.earlyAcknowledged
          const count = dice.below(most)
          await Promise.all(living.map((child) => (isInOpening ? child.opening() : child.acknowledged(count))))
          await pause(dice.below(isInOpening ? KILL.openingMs : KILL.delayMs))
        } finally {
          await Promise.all(living.map((child) => child.kill()))
        }
      }
      await onStore(options, argument, async (store) => {
        await checkAfterKills(store, children)
        // It must also go on from here.
        const version = await store.put(CRASH_SPACES.puts, Buffer.from('after'), Buffer.from('x'))
        await store.remove(CRASH_SPACES.puts, Buffer.from('after'), { ifVersion: version })
      })
    })
  }
}

async function linearizable(options: RecordCrashesOptions): Promise<void> {
  await inRound(options, 0, async (argument) => {
    const children = [0, 1].map((process) => start(options, { argument, life: 0, process }, options.operations ?? 200))
    try {
      await Promise.all(children.map((child) => child.acknowledged(0)))
      for (const child of children) child.begin()
      await Promise.all(children.map((child) => child.ended()))
    } finally {
      await Promise.allSettled(children.map((child) => child.kill()))
    }
    const operations = children.flatMap((child) => child.operations.map(operationOf))
    check(
      operations.some(({ made }) => made !== undefined && made > 0),
      'Expected writes that were made, got none.',
    )
    checkHistory(operations)
  })
}

/**
 * Returns the cases that a record store must pass whose records outlive its process. Child processes write with several
 * writers at once and are killed with SIGKILL at random moments, once in the middle and once just after they started again.
 * Then no write that was acknowledged is lost, no batch is there in part, what is there is a beginning of what each process
 * asked for, counters are exact, what was removed stays so, and the store works. Where two processes may have it open, both
 * are killed, and the order of what both did to a few registers is shown to be linearizable. A case takes some seconds a round.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for unknown keys and wrong types
 */
export function recordCrashes(options: RecordCrashesOptions): ConformanceCase[] {
  checkOptions('recordCrashes()', options, OPTIONS)
  const one: ConformanceCase = {
    name: 'loses and tears nothing when its process is killed, and killed again while it starts',
    run: () => crash(options, 1),
  }
  const two: readonly ConformanceCase[] = [
    { name: 'loses and tears nothing when two processes that write to it are killed', run: () => crash(options, 2) },
    { name: 'is linearizable to the writers of two processes', run: () => linearizable(options) },
  ]
  return options.openers === 2 ? [one, ...two] : [one]
}
