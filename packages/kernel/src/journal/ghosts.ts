import type { KernelState } from '../kernel-state.js'
import { AiosError } from '../error/aios-error.js'
import { killed } from '../process/process-end.js'
import type { Process } from '../process/process.js'
import { shapeProcess } from '../process/spawn.js'
import type { CallEntry } from './journal-entry.js'
import type { Lineage } from './lineage.js'

/**
 * Keeps processes that ended in an earlier life, as long as detached ones below them live: their budgets, limits, grants and tree
 * go on to count, for all that come from them together.
 */
export class Ghosts {
  readonly #kernel: KernelState
  readonly #known = new Map<string, Process>()

  constructor(kernel: KernelState) {
    this.#kernel = kernel
  }

  /** Returns the process above a detached one. */
  above({ ancestors, family, own }: Lineage): Process {
    for (const [id, { tree }] of this.#known) if (tree.living === 0) this.#known.delete(id)
    let parent: Process | undefined
    for (const { path, pid, options, charges } of ancestors) {
      const id = `${family}/${path}`
      const known = this.#known.get(id)
      // It was charged with all that was recorded, of which this is charged again.
      if (known !== undefined) charge(this.#kernel, known, { calls: own, sign: -1 })
      const ghost: Process = known ?? this.#shape({ options, pid, parent, family })
      if (known === undefined) charge(this.#kernel, ghost, { calls: charges, sign: 1 })
      this.#known.set(id, ghost)
      parent = ghost
    }
    if (parent === undefined) throw new AiosError('AIOS_CORRUPT', `Run "${family}" has no beginning in the journal.`)
    return parent
  }

  #shape({ options, pid, parent, family }: Shape): Process {
    const ghost = shapeProcess({ kernel: this.#kernel, parent, origin: undefined, pid }, options)
    if (parent === undefined) ghost.tree.runId = family
    const why = `Process ${pid} (${ghost.name}) ended in an earlier life of its run.`
    ghost.end = killed(new AiosError('AIOS_PROCESS_EXITED', why))
    return ghost
  }
}

interface Shape {
  readonly options: Lineage['ancestors'][number]['options']
  readonly pid: number
  readonly parent: Process | undefined
  readonly family: string
}

/** Charges what calls of an earlier life used to the budget of one process. */
function charge(
  kernel: KernelState,
  { account, pid }: Process,
  { calls, sign }: { readonly calls: readonly CallEntry[]; readonly sign: 1 | -1 },
): void {
  if (account?.pid !== pid) return
  for (const { row, usage, costUsd } of calls) {
    if (kernel.table.find(row)?.free !== true) account.calls += sign
    account.tokens += sign * ((usage?.input.total ?? 0) + (usage?.output.total ?? 0))
    account.usd += sign * (costUsd ?? 0)
  }
}
