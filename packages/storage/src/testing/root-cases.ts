import { lstat, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, checkRejects } from '@aios/kernel/testing'
import { SECRET, type RootCase } from './root-ground.js'
import { checkSame } from './storage-ground.js'

/**
 * Swaps a directory with a link that leads out until told to stop, with the link in place for about half of the time.
 * A step fails where the driver made the directory anew in between; then the next one goes on from there.
 */
async function swapping(path: string, target: string, isOver: () => boolean): Promise<void> {
  const parked = `${path}-parked`
  const steps = [
    () => rm(parked, { recursive: true, force: true }),
    () => rename(path, parked),
    () => symlink(target, path),
    ...Array.from({ length: 6 }, () => () => lstat(path)),
    () => unlink(path),
    () => rename(parked, path),
  ]
  while (!isOver()) for (const step of steps) await step().catch(() => undefined)
}

async function untilDone(
  attack: Promise<unknown>,
  ...swappers: ((isOver: () => boolean) => Promise<void>)[]
): Promise<void> {
  let isOver = false
  const swapped = Promise.all(swappers.map((swap) => swap(() => isOver)))
  try {
    await attack
  } finally {
    isOver = true
    await swapped
  }
}

const readRace: RootCase = {
  name: 'never reads outside while a directory is being swapped with a link that leads out',
  async run({ root, outside, write, text, entries }) {
    await write('dir/secret.txt', 'harmless')
    const attack = async (): Promise<void> => {
      for (let round = 0; round < 80; round += 1) {
        const [content, listed] = await Promise.allSettled([text('dir/secret.txt'), entries({ path: 'dir' })])
        check(
          content.status === 'rejected' || content.value === 'harmless',
          'Expected the file beside the root to stay unread.',
        )
        const sizes = listed.status === 'fulfilled' ? listed.value.map(({ sizeBytes }) => sizeBytes) : []
        check(!sizes.includes(SECRET.length), 'Expected the file beside the root to stay unlisted.')
      }
    }
    await untilDone(Promise.all([attack(), attack()]), (isOver) => swapping(join(root, 'dir'), outside, isOver))
  },
}

const writeRace: RootCase = {
  name: 'never writes or removes outside while a directory is being swapped with a link that leads out',
  async run({ root, outside, write, remove }) {
    await write('dir/file', 'harmless')
    const attack = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        await Promise.allSettled([
          write('dir/new.txt', 'x'),
          write('dir/deep/new.txt', 'x'),
          remove('dir/secret.txt'),
          remove('dir/deep', true),
        ])
      }
    }
    await untilDone(Promise.all([attack(), attack()]), (isOver) => swapping(join(root, 'dir'), outside, isOver))
  },
}

const files: RootCase = {
  name: 'serves real files: those that are there, and those it writes, under their own names',
  async run({ root, write, text, entries }) {
    await writeFile(join(root, 'before.txt'), 'was here')
    checkSame(await text('before.txt'), 'was here')
    await write('sub/after.txt', 'came later')
    checkSame(await readFile(join(root, 'sub', 'after.txt'), 'utf8'), 'came later')
    const [before] = await entries()
    checkSame(before?.modifiedAt, (await lstat(join(root, 'before.txt'))).mtimeMs)
  },
}

const names: RootCase = {
  name: 'rejects names that no file system takes with AIOS_INVALID_SYSCALL, and takes the longest that it does',
  async run({ write, text, stat, list }) {
    await write('n'.repeat(255), 'longest')
    checkSame(await text('n'.repeat(255)), 'longest')
    for (const path of ['n'.repeat(256), `${'n'.repeat(300)}/below`, 'ü'.repeat(128), 'n/'.repeat(5_000)]) {
      await checkRejects(write(path, 'x'), 'AIOS_INVALID_SYSCALL')
      await checkRejects(stat(path), 'AIOS_INVALID_SYSCALL')
    }
    checkSame((await list()).length, 1)
  },
}

const discreet: RootCase = {
  name: 'tells nothing of where its root is in any error',
  async run({ root, link, write, text, stat, list, remove }) {
    await write('dir/file', 'x')
    await link('out', '../outside')
    await link('circle', 'circle')
    const failing = [
      text('missing'),
      text('dir'),
      write('dir', 'x'),
      write('dir/file/x', 'x'),
      stat('../x'),
      stat('out/secret.txt'),
    ]
    const more = [
      list({ path: 'dir/file' }),
      remove('dir'),
      remove('.'),
      text('circle'),
      write('n'.repeat(256), 'x'),
      stat('/'),
    ]
    for (const result of await Promise.allSettled<unknown>([...failing, ...more])) {
      check(result.status === 'rejected', 'Expected every one of these calls to fail.')
      for (let error: unknown = result.reason; error instanceof Error; error = error.cause) {
        const shown = `${error.message} ${JSON.stringify(error)}`
        check(!shown.includes(root), `Expected no path of the host, got: ${shown}`)
      }
    }
  },
}

/** Holds the cases about a root that is a real directory. */
export const rootCases: readonly RootCase[] = [files, names, readRace, writeRace, discreet]
