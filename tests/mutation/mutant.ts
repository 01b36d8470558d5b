/** Plants one seeded bug at a time while the sources are loaded or bundled: no file is touched, so runs can go side by side. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

interface Mutant {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Returns the content of a file with the passage swapped that `AIOS_MUTANT` names, as JSON; undefined if it names another file, or none. */
export async function planted(path: string): Promise<string | undefined> {
  const json = process.env['AIOS_MUTANT']
  if (json === undefined) return undefined
  const seeded = JSON.parse(json) as Mutant
  if (path !== resolve(seeded.file)) return undefined
  return (await readFile(path, 'utf8')).replace(seeded.find, () => seeded.replace)
}

/** Makes the vitest plugin that does so when a file is loaded. */
export function mutant(): { name: string; load(id: string): Promise<string | undefined> } {
  return { name: 'mutant', load: (id) => planted(id.split('?')[0] ?? '') }
}
