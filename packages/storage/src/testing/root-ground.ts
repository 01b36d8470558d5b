import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSame, type StorageGround } from './storage-ground.js'

/** Is a real directory as root, with neighbours that must never change. */
export interface RootGround extends StorageGround {
  /** Absolute path of the root. */
  readonly root: string
  /** Absolute path of a directory beside the root that holds `secret.txt`. */
  readonly outside: string
  /** Makes a symbolic link in the root. */
  link(name: string, target: string): Promise<void>
}

/** Is one case before it has a driver to run on. */
export interface RootCase {
  readonly name: string
  run(storage: RootGround): Promise<void>
}

/** Is a root with its neighbours, before a driver serves it. */
export interface Neighbourhood {
  readonly root: string
  readonly outside: string
  link(name: string, target: string): Promise<void>
  /** Throws unless everything around the root is as it was. */
  checkUntouched(): Promise<void>
  dispose(): Promise<void>
}

/** Is what stands in the file beside the root; no driver may ever show it. */
export const SECRET = 'the secret beside the root'

/** Makes a root with neighbours in a fresh temporary directory. */
export async function makeNeighbourhood(): Promise<Neighbourhood> {
  const base = await mkdtemp(join(tmpdir(), 'aios-root-'))
  const [root, outside] = [join(base, 'root'), join(base, 'outside')]
  // A neighbour whose name begins like the root's catches comparisons of prefixes.
  for (const directory of [root, outside, join(base, 'root-twin')]) await mkdir(directory)
  for (const directory of ['outside', 'root-twin']) await writeFile(join(base, directory, 'secret.txt'), SECRET)
  return {
    root,
    outside,
    link: (name, target) => symlink(target, join(root, name)),
    async checkUntouched() {
      checkSame((await readdir(base)).sort(), ['outside', 'root', 'root-twin'])
      for (const directory of ['outside', 'root-twin']) {
        checkSame(await readdir(join(base, directory)), ['secret.txt'])
        checkSame(await readFile(join(base, directory, 'secret.txt'), 'utf8'), SECRET)
      }
    },
    dispose: () => rm(base, { recursive: true, force: true }),
  }
}
