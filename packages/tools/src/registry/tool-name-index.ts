import { AiosError } from '@aios/kernel/driver'
import { clip } from '../error/failure-text.js'
import { nearestNames } from './nearest-names.js'

/** Characters of an unknown name that its error repeats. */
const SHOWN = 129

function shown(name: string): string {
  return JSON.stringify(clip(name, SHOWN))
}

/** Finds things by their full name `<source>/<name>`, or by their bare name where only one has it. */
export class ToolNameIndex<T extends { readonly name: string }> {
  readonly #byFull: ReadonlyMap<string, T>
  readonly #byBare = new Map<string, T[]>()

  constructor(items: readonly T[]) {
    this.#byFull = new Map(items.map((item) => [item.name, item]))
    for (const item of items) {
      const bare = item.name.slice(item.name.indexOf('/') + 1)
      this.#byBare.set(bare, [...(this.#byBare.get(bare) ?? []), item])
    }
  }

  /**
   * Returns the item of a full name.
   *
   * @throws AiosError `AIOS_NO_SUCH_TOOL`
   */
  full(name: string): T {
    const item = this.#byFull.get(name)
    if (item === undefined) throw this.#unknown(name)
    return item
  }

  /**
   * Returns the item of a full or unique bare name.
   *
   * @throws AiosError `AIOS_NO_SUCH_TOOL` that lists the nearest names, or those that share the bare name
   */
  resolve(name: string): T {
    const found = this.#byFull.get(name)
    if (found !== undefined) return found
    const [only, ...others] = this.#byBare.get(name) ?? []
    if (only === undefined) throw this.#unknown(name)
    if (others.length === 0) return only
    const candidates = [only, ...others].map((item) => item.name).sort()
    const message = `Expected the full name of a tool, got ${shown(name)}, which means several: ${candidates.join(', ')}. Call one of these.`
    throw new AiosError('AIOS_NO_SUCH_TOOL', message, { details: { candidates } })
  }

  #unknown(name: string): AiosError {
    const names = [...this.#byFull.keys()]
    const candidates = nearestNames(name, names)
    const nearest = candidates.length === 0 ? '' : ` The nearest: ${candidates.join(', ')}.`
    const message = `Expected the name of one of ${names.length} tools, got ${shown(name)}.${nearest} sys.tool.list() tells all.`
    return new AiosError('AIOS_NO_SUCH_TOOL', message, { details: { candidates } })
  }
}
