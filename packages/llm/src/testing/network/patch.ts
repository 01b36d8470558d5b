/** Is any function that is put in the place of another. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** Says whether what was put in place still counts. */
export interface PatchOwner {
  readonly isActive: boolean
}

/** Is a function on an object that is shared by the whole process. */
export interface PatchPlace {
  readonly target: object
  readonly key: string
}

interface Mark {
  readonly previous: AnyFunction
  readonly owner: PatchOwner
}

/** Shared by copies of this package, so that each can take away what another left behind. */
const MARK = Symbol.for('aios.testing.patch')

const functionAt = ({ target, key }: PatchPlace): AnyFunction => (target as Record<string, AnyFunction>)[key]!
const markOf = (value: AnyFunction): Mark | undefined => (value as { readonly [MARK]?: Mark })[MARK]

function put({ target, key }: PatchPlace, value: AnyFunction): void {
  Object.defineProperty(target, key, { ...Object.getOwnPropertyDescriptor(target, key), value })
}

/** Puts a function in the place of another, with everything that hangs on that, such as how it is promisified. */
export function patch(place: PatchPlace, owner: PatchOwner, make: (previous: AnyFunction) => AnyFunction): void {
  const previous = functionAt(place)
  const next = make(previous)
  const { prototype: _prototype, ...described } = Object.getOwnPropertyDescriptors(previous)
  Object.defineProperties(next, described)
  Object.defineProperty(next, MARK, { value: { previous, owner } satisfies Mark, configurable: true })
  put(place, next)
}

/**
 * Puts back what was in a place before, past all that does not count any more. What still counts above it stays, so owners may go in any
 * order.
 */
export function unpatch(place: PatchPlace): void {
  for (
    let mark = markOf(functionAt(place));
    mark !== undefined && !mark.owner.isActive;
    mark = markOf(functionAt(place))
  )
    put(place, mark.previous)
}
