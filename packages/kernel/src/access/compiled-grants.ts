import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import { listOf, either, oneOf, optional, shape, text } from '../syscall/shape.js'
import type { Grants } from './grants.js'

const checkGrants = shape({
  models: optional(listOf(text)),
  tools: optional(listOf(text)),
  memory: optional(listOf(text)),
  storage: optional(
    listOf(
      either('a path, or { path, mode: "ro" | "rw" }', text, shape({ path: text, mode: optional(oneOf('ro', 'rw')) })),
    ),
  ),
})

/** Decides whether a name matches a pattern: the same, or a pattern ending in `*` that begins the name. */
function compile(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')))
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1))
  return (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
}

/** Writes a storage path the way storage does: `/` between names, no `.` and no empty names. */
function normalise(path: string): string {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/')
}

/** Holds the grants of one process, ready to be asked, and those of its parent, which must agree. */
export class CompiledGrants {
  readonly #own: Grants
  readonly #parent: CompiledGrants | undefined
  readonly #namespace: string
  readonly #model: ((name: string) => boolean) | undefined
  readonly #tool: ((name: string) => boolean) | undefined
  readonly #memory: ((name: string) => boolean) | undefined
  readonly #storage: readonly { readonly path: string; readonly write: boolean }[] | undefined

  constructor(own: Grants, namespace: string, parent: CompiledGrants | undefined) {
    this.#own = own
    this.#parent = parent
    this.#namespace = namespace
    this.#model = own.models && compile(own.models)
    this.#tool = own.tools && compile(own.tools)
    this.#memory = own.memory && compile(own.memory)
    this.#storage = own.storage?.map((grant) =>
      typeof grant === 'string'
        ? { path: normalise(grant), write: true }
        : { path: normalise(grant.path), write: grant.mode !== 'ro' },
    )
  }

  model(id: string): boolean {
    return this.#model?.(id) !== false && this.#parent?.model(id) !== false
  }

  tool(name: string): boolean {
    return this.#tool?.(name) !== false && this.#parent?.tool(name) !== false
  }

  /**
   * Whether the process may use a namespace: its own, or one that it was granted. Without a grant of its own it has
   * what its parent has; a process without a parent then has only its own.
   */
  memory(namespace: string): boolean {
    if (namespace === this.#namespace) return true
    if (this.#memory?.(namespace) === false) return false
    return this.#parent === undefined ? this.#memory !== undefined : this.#parent.memory(namespace)
  }

  storage(path: string, write: boolean): boolean {
    const wanted = normalise(path)
    const own = this.#storage?.some((grant) => {
      if (write && !grant.write) return false
      return grant.path === '' || wanted === grant.path || wanted.startsWith(`${grant.path}/`)
    })
    return own !== false && this.#parent?.storage(path, write) !== false
  }

  /** Says what of a kind was granted, for an error message; of memory, what besides the process's own. */
  granted(kind: keyof Grants): string {
    const list = this.#own[kind] ?? this.#parent?.granted(kind)
    if (list === undefined) return kind === 'memory' ? 'nothing' : 'everything'
    return typeof list === 'string' ? list : describeList(list)
  }
}

function describeList(list: readonly unknown[]): string {
  return list.length === 0
    ? 'nothing'
    : list.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', ')
}

/** Says what is wrong with a `grants` option, if anything. */
export function grantsProblem(grants: unknown): string | undefined {
  return checkGrants(grants, 'grants')
}

/** Makes the error of a call that was not granted something. */
export function denied(what: string, granted: string): AiosError {
  return new AiosError(
    'AIOS_ACCESS_DENIED',
    `${what} was not granted; granted: ${granted}. Add it to the grants of the process and of its ancestors.`,
    {
      details: { what: describe(what) },
    },
  )
}
