import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** Is one effect that was applied: what it did to the world, and under which key if it has one. */
export interface Effect {
  /** `put`: the keyed row stored something. `send`: a letter left. `ask`: a model was asked. */
  readonly kind: 'put' | 'send' | 'ask'
  readonly what: string
  readonly key?: string | undefined
}

/** Is the world outside: a file that outlives whoever writes to it, with one line an effect, each in one write. */
export class Ledger {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  apply(effect: Effect): void {
    appendFileSync(this.#file, `${JSON.stringify(effect)}\n`)
  }

  effects(): readonly Effect[] {
    if (!existsSync(this.#file)) return []
    const lines = readFileSync(this.#file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Effect)
  }

  /** Returns what was done of a kind, sorted: parallel calls may be applied in any order. */
  of(kind: Effect['kind']): readonly string[] {
    return this.effects()
      .filter((effect) => effect.kind === kind)
      .map(({ what }) => what)
      .sort()
  }
}
