/** A record store, a folder and the command line over them, for tests of the commands about runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKernel, ramRecords, type Kernel, type KernelOptions, type RecordStore } from '@aios/kernel'
import { runCli } from '../../../packages/sdk/src/cli/cli.js'

/** Is what the command line said. */
export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Is what a call of the command line differs in from others. */
export interface Call {
  /** Exports of the module of agents. */
  readonly exported?: Readonly<Record<string, unknown>>
  readonly columns?: number
  readonly signal?: AbortSignal
  /** Name of the file of agents, below the folder. */
  readonly agents?: string
  /** Name of the data directory, below the folder. */
  readonly data?: string
  /** Default: those of the world. */
  readonly records?: RecordStore
}

/** Is a place with recorded runs. */
export class JournalWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'aios-cli-'))
  readonly records: RecordStore = ramRecords()

  constructor() {
    writeFileSync(join(this.folder, 'agents.js'), '')
  }

  /** Boots a kernel that records here. */
  kernel(options: KernelOptions = {}): Promise<Kernel> {
    return createKernel({ records: this.records, journal: true, log: 'silent', ...options })
  }

  /** Runs the command line. */
  async aios(args: readonly string[], call: Call = {}): Promise<Said> {
    const { exported = {}, columns = 100, signal = new AbortController().signal, data = '.' } = call
    const { records = this.records } = call
    let [out, err] = ['', '']
    const takesAgents = args[0] === 'replay' || args[0] === 'recover'
    const agents = takesAgents ? ['--agents', join(this.folder, call.agents ?? 'agents.js')] : []
    const code = await runCli([...args, ...agents, '--data', join(this.folder, data)], {
      version: '1.2.3',
      signal,
      loadsTypeScript: true,
      resolve: () => '',
      import: async () => exported,
      columns,
      records: async () => records,
      out: (text) => (out += text),
      err: (text) => (err += text),
    })
    return { code, out, err }
  }

  /** Removes the folder. */
  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}
