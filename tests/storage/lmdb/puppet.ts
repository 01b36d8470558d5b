import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

type Answer = { readonly value?: unknown } | { readonly error: { readonly code: string } }

/** Is a process of its own that does with a store what a test tells it. */
export class Puppet {
  readonly #child: ChildProcess
  readonly #waiting: ((answer: Answer) => void)[] = []

  private constructor() {
    this.#child = fork(new URL('puppet-child.ts', import.meta.url), [], {
      execArgv: [...NODE_ARGUMENTS],
    })
    this.#child.on('message', (answer: Answer) => this.#waiting.shift()?.(answer))
  }

  /** Starts some, at the same time. */
  static async start(count: number): Promise<Puppet[]> {
    const puppets = Array.from({ length: count }, () => new Puppet())
    await Promise.all(puppets.map((puppet) => puppet.#answer()))
    return puppets
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Has it do something; rejects with what it threw. */
  async do<T = unknown>(act: string, ...args: unknown[]): Promise<T> {
    const answer = this.#answer()
    this.#child.send({ act, args })
    const said = await answer
    if ('error' in said) throw Object.assign(new Error(`puppet: ${JSON.stringify(said.error)}`), said.error)
    return said.value as T
  }

  /** Tells it something to which there is no answer. */
  tell(act: string, ...args: unknown[]): void {
    this.#child.send({ act, args })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits for its end. */
  async gone(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.gone()
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
