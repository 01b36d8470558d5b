import type { SyscallHook, SyscallMatch } from './hook.js'

/** Is a hook with the rows it sees. */
interface InstalledHook {
  readonly hook: SyscallHook
  readonly matches: (name: string) => boolean
}

/** Keeps the hooks in the order they were added, and remembers which of them see a row. */
export class HookTable {
  #hooks: readonly InstalledHook[] = []
  readonly #byRow = new Map<string, readonly SyscallHook[]>()

  get empty(): boolean {
    return this.#hooks.length === 0
  }

  /** Adds a hook; returns what removes it. */
  add(hook: SyscallHook, match: SyscallMatch | undefined): () => void {
    const installed: InstalledHook = { hook, matches: matcher(match) }
    this.#hooks = [...this.#hooks, installed]
    this.#byRow.clear()
    return () => {
      this.#hooks = this.#hooks.filter((each) => each !== installed)
      this.#byRow.clear()
    }
  }

  /** Returns the hooks that see a row. */
  of(name: string): readonly SyscallHook[] {
    let hooks = this.#byRow.get(name)
    if (hooks === undefined) {
      hooks = this.#hooks.filter((each) => each.matches(name)).map((each) => each.hook)
      this.#byRow.set(name, hooks)
    }
    return hooks
  }
}

function matcher(match: SyscallMatch | undefined): (name: string) => boolean {
  if (match === undefined) return () => true
  const patterns = typeof match === 'string' ? [match] : match
  return (name) =>
    patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
}
