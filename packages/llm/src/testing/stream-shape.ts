import type { StreamPart } from '@aios/kernel'
import { check } from '@aios/kernel/testing'

/**
 * Throws unless parts are a well-formed answer: one `start` first, one `finish` last, every block opened before its
 * pieces and closed after them, at most one text or reasoning block open, and a `tool-call` for every tool input.
 */
export function checkStreamShape(parts: readonly StreamPart[]): void {
  const types = parts.map((part) => part.type)
  check(types[0] === 'start' && types.lastIndexOf('start') === 0, `Expected one start, first, got ${types.join(' ')}.`)
  const finish = types.indexOf('finish')
  check(finish !== -1 && finish === types.length - 1, `Expected one finish, last, got ${types.join(' ')}.`)
  const blocks = new Blocks()
  for (const part of parts) blocks.follow(part)
  blocks.end()
}

class Blocks {
  readonly #seen = new Set<string>()
  readonly #called = new Set<string>()
  #said: string | undefined
  #inputs = new Map<string, string>()

  follow(part: StreamPart): void {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        check(this.#said === undefined, `Expected block ${this.#said} to end before another begins.`)
        this.#begin(part.id)
        this.#said = part.id
        return
      case 'text-delta':
      case 'reasoning-delta':
        check(this.#said === part.id, `Expected "${part.type}" only within its block, got one of block ${part.id}.`)
        check(part.text !== '', 'Expected no empty pieces.')
        return
      case 'text-end':
      case 'reasoning-end':
        check(this.#said === part.id, `Expected "${part.type}" of an open block, got one of block ${part.id}.`)
        this.#said = undefined
        return
      case 'tool-input-start':
        this.#begin(part.id)
        this.#inputs.set(part.id, '')
        return
      case 'tool-input-delta':
        check(this.#inputs.has(part.id), `Expected an open tool input ${part.id}.`)
        this.#inputs.set(part.id, this.#inputs.get(part.id)! + part.text)
        return
      case 'tool-call':
        check(!this.#called.has(part.id), `Expected one tool-call of id ${part.id}, got two.`)
        this.#called.add(part.id)
        check(
          (this.#inputs.get(part.id) ?? part.inputText) === part.inputText,
          'Expected inputText to be what was streamed.',
        )
        return
      default:
    }
  }

  end(): void {
    check(this.#said === undefined, `Expected block ${this.#said} to be closed.`)
    for (const id of this.#inputs.keys()) check(this.#called.has(id), `Expected a tool-call after the input of ${id}.`)
  }

  #begin(id: string): void {
    check(!this.#seen.has(id), `Expected the id of every block to be its own, got ${id} twice.`)
    this.#seen.add(id)
  }
}
