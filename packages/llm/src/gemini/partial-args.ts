import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'

type Fields = Readonly<Record<string, unknown>>
type Step = string | number

// `$.a.b[0]['c d']`, as RFC 9535 writes normalized and shorthand paths.
const STEP = /\.([^.[\]\s]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

function stepsOf(path: unknown): Step[] | undefined {
  if (typeof path !== 'string' || !path.startsWith('$')) return undefined
  const steps: Step[] = []
  STEP.lastIndex = 1
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path)
    if (found === null) return undefined
    const [, member, index, single, double] = found
    const quoted = (single ?? double)?.replaceAll(/\\(.)/g, '$1')
    steps.push(index === undefined ? (member ?? quoted ?? '') : Number(index))
  }
  return steps.length === 0 ? undefined : steps
}

function valueOf(piece: Fields): { readonly value: unknown } | undefined {
  for (const name of ['stringValue', 'numberValue', 'boolValue'] as const) {
    if (piece[name] !== undefined) return { value: piece[name] }
  }
  return piece['nullValue'] === undefined ? undefined : { value: null }
}

/** Puts together the arguments of a function call that come in pieces, each with the place where it belongs. */
export class PartialArgs {
  readonly #root: Record<string, unknown> = {}
  /** The place whose text goes on with the next piece. */
  #open: string | undefined
  #unreadable: string | undefined

  /** The first piece that could not be put anywhere, if there was one. */
  get unreadable(): string | undefined {
    return this.#unreadable
  }

  /** Takes whole arguments, which pieces may still follow. */
  addAll(args: Fields): void {
    for (const [name, value] of Object.entries(args)) define(this.#root, name, value)
  }

  /** Takes one piece. */
  add(piece: unknown): void {
    const fields = isRecord(piece) ? piece : {}
    const steps = stepsOf(fields['jsonPath'])
    const found = valueOf(fields)
    if (steps === undefined || found === undefined || !this.#put(steps, found.value, String(fields['jsonPath']))) {
      this.#unreadable ??= jsonText(piece) ?? 'undefined'
      return
    }
    this.#open = fields['willContinue'] === true ? String(fields['jsonPath']) : undefined
  }

  /** Returns the arguments so far, as JSON. */
  text(): string {
    return jsonText(this.#root)
  }

  #put(steps: readonly Step[], value: unknown, path: string): boolean {
    let place: unknown = this.#root
    for (const [depth, step] of steps.entries()) {
      if (!takes(place, step)) return false
      const next = steps[depth + 1]
      if (next === undefined) {
        const before = read(place, step)
        const goesOn = this.#open === path && typeof before === 'string' && typeof value === 'string'
        define(place, step, goesOn ? before + value : value)
        return true
      }
      if (read(place, step) === undefined) define(place, step, typeof next === 'number' ? [] : {})
      place = read(place, step)
    }
    return false
  }
}

/** Whether a value can hold something under a step; a list only grows at its end, so that no index makes it vast. */
function takes(place: unknown, step: Step): place is object {
  return typeof step === 'number' ? Array.isArray(place) && step <= place.length : isRecord(place)
}

const read = (place: object, step: Step): unknown =>
  Object.hasOwn(place, step) ? (place as Record<Step, unknown>)[step] : undefined

/** Sets a member as JSON has it: `__proto__` is a name like any other. */
function define(place: object, step: Step, value: unknown): void {
  Object.defineProperty(place, step, { value, enumerable: true, writable: true, configurable: true })
}
