import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LifeOrder, LifeReport } from './mortal-child.js'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

const BUNDLER = fileURLToPath(new URL('bundle-child.ts', import.meta.url))
/** Milliseconds that a life may last. */
const LIFE_MS = 30_000

/** Is one process that lives lives, until one of them is its last. */
class Mortal {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #said = ''
  #onReport: ((line: string) => void) | undefined

  constructor(program: string) {
    this.#child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    this.#closed = once(this.#child, 'close')
    this.#child.stdout?.on('data', (text) => {
      this.#said += String(text)
      const end = this.#said.indexOf('\n')
      if (end < 0) return
      const line = this.#said.slice(0, end)
      this.#said = this.#said.slice(end + 1)
      this.#onReport?.(line)
    })
  }

  /** Lives a life; resolves with what came of it, once its process is gone if it died. */
  async live(order: LifeOrder): Promise<LifeReport> {
    const report = new Promise<string>((resolve) => {
      this.#onReport = resolve
    })
    this.#child.send(order)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), LIFE_MS)
    const line = await Promise.race([report, this.#closed.then(() => undefined)])
    clearTimeout(timer)
    if (line === undefined) return { failed: `it ended, or did nothing for ${LIFE_MS} ms` }
    const said = JSON.parse(line) as LifeReport
    if (!('died' in said)) return said
    await this.#closed
    return this.#child.signalCode === 'SIGKILL' ? said : { failed: `it ended with ${String(this.#child.exitCode)}` }
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }
}

/** Has lives lived in processes of their own: in the same until one of them is killed, then in a fresh one. */
export class Mortals {
  /** Processes that were killed. */
  deaths = 0
  readonly folder: string
  #now: Mortal
  /** The next one, which starts meanwhile. */
  #next: Mortal

  private constructor(folder: string) {
    this.folder = folder
    this.#now = this.#born()
    this.#next = this.#born()
  }

  /** Makes the program that they run, and starts the first. */
  static async start(): Promise<Mortals> {
    const folder = await mkdtemp(join(tmpdir(), 'aios-kill-'))
    const node = [...NODE_ARGUMENTS, BUNDLER, folder]
    await promisify(execFile)(process.execPath, node)
    return new Mortals(folder)
  }

  async live(order: LifeOrder): Promise<LifeReport> {
    const report = await this.#now.live(order)
    if ('answer' in report) return report
    if ('died' in report) this.deaths += 1
    else await this.#now.end()
    this.#now = this.#next
    this.#next = this.#born()
    return report
  }

  async close(): Promise<void> {
    await Promise.all([this.#now.end(), this.#next.end()])
    await rm(this.folder, { recursive: true })
  }

  #born(): Mortal {
    return new Mortal(join(this.folder, 'mortal-child.mjs'))
  }
}
