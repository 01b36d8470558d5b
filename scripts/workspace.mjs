// Knows which packages there are and in which order they build.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './exec.mjs'

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function membersOf(group) {
  return readdirSync(join(root, group), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, folder: join(root, group, name), manifest: manifestOf(join(root, group, name)) }))
}

/** The packages that are published, each after those it depends on. */
export function packages() {
  const waiting = membersOf('packages')
  const sorted = []
  while (waiting.length > 0) {
    const blocked = new Set(waiting.map(({ manifest }) => manifest.name))
    const index = waiting.findIndex(
      ({ manifest }) => !Object.keys(manifest.dependencies ?? {}).some((name) => blocked.has(name)),
    )
    if (index < 0) throw new Error(`packages depend on each other in a circle: ${[...blocked].join(', ')}`)
    sorted.push(...waiting.splice(index, 1))
  }
  return sorted
}

/** The examples. */
export const examples = () => membersOf('examples')

/** The version of pnpm that this repository is made with. */
export const pnpmVersion = () => manifestOf(root).packageManager

/** Gives a package's entry points as pairs of specifier and source file: `['@aios/kernel/driver', 'src/driver/index.ts']`. */
export function entriesOf({ manifest }) {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, target]) => [join(manifest.name, subpath), target['@aios/source'].slice(2)])
}
