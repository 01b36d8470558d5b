import { RowCounter } from '../event/metrics.js'
import type { RowStats } from '../event/kernel-stats.js'
import { AiosError } from '../error/aios-error.js'
import { agentRows } from './rows/agent-rows.js'
import { clockRows } from './rows/clock-rows.js'
import { llmRows } from './rows/llm-rows.js'
import { memoryRows } from './rows/memory-rows.js'
import { randomRows } from './rows/random-rows.js'
import { storageRows } from './rows/storage-rows.js'
import { toolRows } from './rows/tool-rows.js'
import type { SyscallRow, TableRow } from './syscall-row.js'

/** Holds the built-in syscalls: types, validation, access check, device, docs and pins all follow from these rows. */
export const SYSCALL_ROWS: readonly SyscallRow[] = [
  ...llmRows,
  ...memoryRows,
  ...storageRows,
  ...toolRows,
  ...agentRows,
  ...clockRows,
  ...randomRows,
]

/** Names that a family cannot have, because `Sys` has them. */
const RESERVED = new Set(['pid', 'signal', 'call'])

/** Is the syscall table of one kernel: the built-in rows and those of third parties. */
export class SyscallTable {
  readonly #rows = new Map<string, TableRow>()

  /** @throws AiosError `AIOS_INVALID_OPTION` if two rows have the same name, or a family has the name of a member of `Sys` */
  constructor(extra: readonly SyscallRow[]) {
    for (const row of [...SYSCALL_ROWS, ...extra]) {
      if (this.#rows.has(row.name))
        throw new AiosError('AIOS_INVALID_OPTION', `Expected each syscall once, got "${row.name}" twice.`)
      const family = familyOf(row)
      if (RESERVED.has(family))
        throw new AiosError(
          'AIOS_INVALID_OPTION',
          `Expected a family other than ${[...RESERVED].join(', ')}, got "${row.name}".`,
        )
      this.#rows.set(row.name, { ...row, counter: new RowCounter() })
    }
  }

  find(name: string): TableRow | undefined {
    return this.#rows.get(name)
  }

  names(): readonly string[] {
    return [...this.#rows.keys()]
  }

  /** Returns how the calls of each row ended, by name, leaving out rows that were never called. */
  stats(): readonly RowStats[] {
    return [...this.#rows.values()]
      .filter(({ counter }) => counter.fulfilled + counter.rejected + counter.cancelled > 0)
      .map(({ name, counter }) => ({ name, ...counter }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Returns the rows of each family. */
  families(): ReadonlyMap<string, readonly TableRow[]> {
    const families = new Map<string, TableRow[]>()
    for (const row of this.#rows.values()) {
      const rows = families.get(familyOf(row))
      if (rows === undefined) families.set(familyOf(row), [row])
      else rows.push(row)
    }
    return families
  }
}

function familyOf(row: SyscallRow): string {
  return row.name.slice(0, row.name.indexOf('.'))
}
