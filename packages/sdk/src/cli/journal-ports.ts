import type { RecordStore } from '@aios/kernel'
import type { ModuleLoader } from './agent-module.js'
import type { Command } from './command.js'

/** Is what commands about recorded runs reach outside with. */
export interface JournalPorts extends ModuleLoader {
  /** Characters of a line of the terminal. */
  readonly columns: number
  /** Ends the run when it aborts. */
  readonly signal: AbortSignal
  /** Makes the store of a data directory. */
  records(dir: string, options: { readonly readOnly?: boolean }): Promise<RecordStore>
  out(text: string): void
}

/** Is a command about recorded runs. */
export type JournalCommand = Command & { readonly type: 'runs' | 'trace' | 'replay' | 'recover' }

/** Are the exit codes of these commands. */
export const EXIT = { done: 0, failed: 1 } as const
