/** Plants one seeded bug at a time while vitest loads the sources: no file is touched, so runs can go side by side. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

interface Mutant {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Makes the vitest plugin that swaps the passage of the file that `AIOS_MUTANT` names when that is loaded, as JSON. */
export function mutant(): { name: string; load(id: string): Promise<string | undefined> } {
  return {
    name: 'mutant',
    async load(id) {
      const json = process.env['AIOS_MUTANT']
      if (json === undefined) return undefined
      const seeded = JSON.parse(json) as Mutant
      const path = id.split('?')[0]
      if (path !== resolve(seeded.file)) return undefined
      return (await readFile(path, 'utf8')).replace(seeded.find, () => seeded.replace)
    },
  }
}
