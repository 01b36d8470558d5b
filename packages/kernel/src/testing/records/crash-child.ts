import { spawn, type ChildProcess } from 'node:child_process'
import type { CrashOrder, CrashReport } from './crash-workload.js'

/** Runs in the child: finds this package from where the module finds it, in sources as in what was built. */
const PROGRAM = `
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
const { module, order } = JSON.parse(process.env.AIOS_CRASH_ORDER)
const testing = createRequire(module).resolve('@aios/kernel/testing')
const { crashWriter } = await import(pathToFileURL(testing).href)
await crashWriter((await import(module)).default, order)
`

/** Characters of what a child wrote to its error output that are kept for a message. */
const ERROR_CHARS = 4_000

/** Is one child process that writes to a store, and what it said until now. */
export class CrashChild {
  readonly order: CrashOrder
  readonly written = new Set<number>()
  readonly counted = new Map<number, number>()
  readonly removed: string[] = []
  readonly operations: (readonly [number, ...(readonly string[])])[] = []
  readonly #child: ChildProcess
  readonly #closed: Promise<void>
  readonly #waiting = new Set<() => void>()
  #errors = ''
  #failure: string | undefined = undefined
  #acknowledged = 0
  #stage: 'starting' | 'opening' | 'ready' | 'done' | 'gone' = 'starting'

  constructor(module: string, order: CrashOrder, execArgv: readonly string[]) {
    this.order = order
    this.#child = spawn(process.execPath, [...execArgv, '--input-type=module', '--eval', PROGRAM], {
      env: { ...process.env, AIOS_CRASH_ORDER: JSON.stringify({ module, order: JSON.stringify(order) }) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#errors = (this.#errors + text.toString()).slice(-ERROR_CHARS)
    })
    this.#child.on('message', (report) => {
      this.#take(report as CrashReport)
    })
    // What it said before its end is all heard by then.
    this.#closed = new Promise((resolve) => {
      const close = (): void => {
        this.#stage = 'gone'
        this.#rouse()
        resolve()
      }
      this.#child.once('close', close)
      this.#child.once('error', (error) => {
        this.#failure = String(error)
        close()
      })
    })
  }

  /** Waits until the child has begun to open its store. */
  opening(): Promise<void> {
    return this.#until(() => this.#stage !== 'starting')
  }

  /** Waits until so many writes were acknowledged. */
  acknowledged(count: number): Promise<void> {
    return this.#until(() => this.#stage === 'ready' && this.#acknowledged >= count)
  }

  /** Lets a child that waits for others begin. */
  begin(): void {
    this.#child.send('begin')
  }

  /** Kills it as nothing can be killed harder, and hears what it had said. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
    if (this.#failure !== undefined) throw this.#ended()
  }

  /** Waits for it to end by itself, having said everything. */
  async ended(): Promise<void> {
    await this.#until(() => this.#stage === 'done')
    await this.#closed
    if (this.#failure !== undefined || this.#child.exitCode !== 0) throw this.#ended()
  }

  #take(report: CrashReport): void {
    if (report.type === 'failed') this.#failure = report.message
    else if (report.type === 'opening' || report.type === 'ready' || report.type === 'done') this.#stage = report.type
    else if (report.type === 'operation') this.operations.push(report.operation)
    else {
      this.#acknowledged += 1
      if (report.type === 'written') this.written.add(report.seq)
      else if (report.type === 'removed') this.removed.push(report.key)
      else this.counted.set(report.counter, (this.counted.get(report.counter) ?? 0) + 1)
    }
    this.#rouse()
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#stage === 'gone' || this.#failure !== undefined) throw this.#ended()
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #rouse(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #ended(): Error {
    const { life, process } = this.order
    return new Error(
      `Expected process ${process} of life ${life} to write until it is killed or done, got: ${this.#failure ?? 'its end'}\n${this.#errors}`,
    )
  }
}
