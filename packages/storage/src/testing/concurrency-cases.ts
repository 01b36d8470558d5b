import { check } from '@aios/kernel/testing'
import { checkSame, type StorageCase } from './storage-ground.js'

const LENGTH = 200_000

/** Returns the one letter that a text consists of; throws if it is torn. */
function letterOf(text: string): string {
  const letter = text.charAt(0)
  check(
    text === letter.repeat(LENGTH),
    `Expected ${LENGTH} times one letter, got a torn file of ${text.length} characters.`,
  )
  return letter
}

const readersSeeWholeFiles: StorageCase = {
  name: 'shows a reader either the old or the new content while a file is being replaced',
  async run({ write, text, list, stat }) {
    await write('file', 'a'.repeat(LENGTH))
    let isWriting = true
    const writer = async (): Promise<void> => {
      for (let round = 0; round < 25; round += 1) await write('file', 'ab'.charAt(round % 2).repeat(LENGTH))
      isWriting = false
    }
    const reader = async (): Promise<void> => {
      while (isWriting) {
        letterOf(await text('file'))
        checkSame((await stat('file')).sizeBytes, LENGTH)
        checkSame(await list(), ['file'])
      }
    }
    await Promise.all([writer(), reader(), reader()])
  },
}

const writersDoNotMix: StorageCase = {
  name: 'keeps the content of one of several writers of one file, whole, and nothing else of them',
  async run({ write, text, list }) {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([...'abcdefgh'].map((letter) => write('new/deep/file', letter.repeat(LENGTH))))
      letterOf(await text('new/deep/file'))
      checkSame(await list({ recursive: true }), ['new', 'new/deep', 'new/deep/file'])
    }
  },
}

const manyFiles: StorageCase = {
  name: 'writes many files side by side, each with its own content',
  async run({ write, text, list }) {
    const paths = Array.from({ length: 60 }, (_, at) => `directory-${at % 7}/file-${at}`)
    await Promise.all(paths.map((path) => write(path, path)))
    const contents = await Promise.all(paths.map((path) => text(path)))
    checkSame(contents, paths)
    checkSame((await list({ recursive: true })).length, 67)
  },
}

const removedOnce: StorageCase = {
  name: 'lets one of several calls remove a file, and tells the others that it is gone',
  async run({ write, remove, list }) {
    await write('file', 'x')
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => remove('file')))
    const codes = results.map((each) =>
      each.status === 'fulfilled' ? 'removed' : (each.reason as { code: string }).code,
    )
    checkSame(codes.sort(), ['AIOS_NOT_FOUND', 'AIOS_NOT_FOUND', 'AIOS_NOT_FOUND', 'removed'])
    checkSame(await list(), [])
  },
}

const writeBesideRemove: StorageCase = {
  name: 'never fails a write because its directory is being removed, and leaves its file whole or gone',
  async run({ write, remove, text }) {
    for (let round = 0; round < 20; round += 1) {
      await write('tree/branch/seed', 'x')
      const removing = remove('tree', true).then(
        () => 'removed',
        (error: unknown) => (error as { code: string }).code,
      )
      await Promise.all(['a', 'b', 'c'].map((name) => write(`tree/branch/${name}`, name)))
      const outcome = await removing
      check(
        ['removed', 'AIOS_INVALID_SYSCALL'].includes(outcome),
        `Expected the removal to end or to be refused, got ${outcome}.`,
      )
      for (const name of ['a', 'b', 'c']) {
        const left = await text(`tree/branch/${name}`).catch((error: unknown) => (error as { code: string }).code)
        check([name, 'AIOS_NOT_FOUND'].includes(left), `Expected the file to be whole or gone, got ${left}.`)
      }
    }
  },
}

/** Holds the cases about calls that overlap. */
export const concurrencyCases: readonly StorageCase[] = [
  readersSeeWholeFiles,
  writersDoNotMix,
  manyFiles,
  removedOnce,
  writeBesideRemove,
]
