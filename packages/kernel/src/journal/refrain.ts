import type { StreamPart } from '../driver/chat.js'
import { AiosError } from '../error/aios-error.js'

type Delta = Extract<StreamPart, { readonly type: 'text-delta' | 'reasoning-delta' | 'tool-input-delta' }>

/**
 * Passes on what a core generates beyond what its consumer was given in an earlier life of the run: the beginning has to come
 * again as it was, and is dropped.
 *
 * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if the core says something else this time
 */
export async function* refrain(
  parts: AsyncIterable<StreamPart>,
  told: readonly StreamPart[],
): AsyncGenerator<StreamPart> {
  const verse = new Verse(told)
  for await (const part of parts) yield* verse.rest(part)
}

/** Is what was told, as it is gone through again. */
class Verse {
  readonly #told: StreamPart[]
  /** Ids of this time that go on under the name they had. */
  readonly #names = new Map<string, string>()

  constructor(told: readonly StreamPart[]) {
    this.#told = told.filter(({ type }) => type !== 'start' && type !== 'response-metadata')
  }

  /** Returns what of a part is new. */
  rest(part: StreamPart): readonly StreamPart[] {
    if (part.type === 'start' || part.type === 'response-metadata') return []
    const next = this.#told[0]
    if (next === undefined) return [this.#named(part)]
    if (isDelta(part)) return this.#restOfDelta(part, next)
    if (part.type !== next.type || !sameBut(part, next)) throw differs(next, part)
    this.#learn(part, next)
    this.#told.shift()
    return []
  }

  #restOfDelta(part: Delta, next: StreamPart): readonly StreamPart[] {
    if (!isDelta(next) || next.type !== part.type) throw differs(next, part)
    this.#learn(part, next)
    if (next.text.startsWith(part.text)) {
      if (next.text.length === part.text.length) this.#told.shift()
      else this.#told[0] = { ...next, text: next.text.slice(part.text.length) }
      return []
    }
    if (!part.text.startsWith(next.text)) throw differs(next, part)
    this.#told.shift()
    return this.rest({ ...part, text: part.text.slice(next.text.length) })
  }

  #learn(part: StreamPart, next: StreamPart): void {
    if ('id' in part && 'id' in next) this.#names.set(part.id, next.id)
  }

  #named(part: StreamPart): StreamPart {
    const name = 'id' in part && part.type !== 'tool-call' ? this.#names.get(part.id) : undefined
    return name === undefined ? part : ({ ...part, id: name } as StreamPart)
  }
}

function isDelta(part: StreamPart): part is Delta {
  return part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-input-delta'
}

/** Whether two parts say the same; ids are only names. */
function sameBut(a: StreamPart, b: StreamPart): boolean {
  return JSON.stringify({ ...a, id: 0 }) === JSON.stringify({ ...b, id: 0 })
}

function differs(told: StreamPart, came: StreamPart): AiosError {
  return new AiosError(
    'AIOS_LLM_INCOMPLETE_STREAM',
    `The process was killed while this answer was streamed, and its core does not go on from where it was: it began again with another answer (expected ${told.type}, got ${came.type}). What was delivered cannot be taken back.`,
    { details: { told: told.type, came: came.type } },
  )
}
