/** Plants one seeded bug while vitest loads the sources: no file is touched, so runs can go side by side. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

interface Mutant {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/**
 * Makes the vitest plugin that swaps one passage of one file.
 *
 * @param json - a mutant as JSON, or undefined to change nothing
 */
export function mutant(json: string | undefined): { name: string; load(id: string): Promise<string | undefined> } {
  const seeded = json === undefined ? undefined : (JSON.parse(json) as Mutant)
  return {
    name: 'mutant',
    async load(id) {
      const path = id.split('?')[0]
      if (seeded === undefined || path !== resolve(seeded.file)) return undefined
      return (await readFile(path, 'utf8')).replace(seeded.find, () => seeded.replace)
    },
  }
}
