import { check, checkRejects } from '@aios/kernel/testing'
import { checkSame, type StorageCase } from './storage-ground.js'

const roundTrips: StorageCase = {
  name: 'returns text and bytes exactly as they were written',
  async run({ write, text, bytes }) {
    for (const content of ['', 'plain', '\uFEFFwith a mark', 'tabs\tand\r\nlines\0 ünïcödé 漢字 🙂']) {
      await write('file.txt', content)
      checkSame(await text('file.txt'), content)
    }
    const every = Uint8Array.from({ length: 256 }, (_, at) => at)
    await write('file.bin', every)
    checkSame([...(await bytes('file.bin'))], [...every])
    await write('file.txt', 'é')
    checkSame([...(await bytes('file.txt'))], [0xc3, 0xa9])
  },
}

const whole: StorageCase = {
  name: 'replaces a file as a whole, also by a shorter one',
  async run({ write, text, stat }) {
    await write('file.txt', 'long '.repeat(10_000))
    await write('file.txt', 'short')
    checkSame(await text('file.txt'), 'short')
    checkSame((await stat('file.txt')).sizeBytes, 5)
  },
}

const describes: StorageCase = {
  name: 'describes a file the same way from write, read and stat',
  async run({ write, stat, entries }) {
    const written = await write('notes/päth.md', 'ünï')
    checkSame(
      { ...written, modifiedAt: 0 },
      { path: 'notes/päth.md', name: 'päth.md', kind: 'file', sizeBytes: 5, modifiedAt: 0 },
    )
    check(Number.isFinite(written.modifiedAt), 'Expected modifiedAt to be a number.')
    checkSame(await stat('notes/päth.md'), written)
    checkSame(await entries({ path: 'notes' }), [written])
    const { path, name, kind, sizeBytes } = await stat('notes')
    checkSame({ path, name, kind, sizeBytes }, { path: 'notes', name: 'notes', kind: 'directory', sizeBytes: 0 })
    const root = await stat('.')
    checkSame([root.path, root.name, root.kind], ['.', '.', 'directory'])
  },
}

const spellings: StorageCase = {
  name: 'takes ./a//b/ for a/b and says a/b',
  async run({ write, text, list }) {
    checkSame((await write('./a//b', 'same')).path, 'a/b')
    checkSame(await text('a/./b'), 'same')
    checkSame(await list({ path: './a/' }), ['a/b'])
  },
}

const missing: StorageCase = {
  name: 'rejects a path where nothing is with AIOS_NOT_FOUND, and makes nothing there',
  async run({ text, stat, list, remove }) {
    for (const path of ['missing', 'missing/below']) {
      await checkRejects(text(path), 'AIOS_NOT_FOUND')
      await checkRejects(stat(path), 'AIOS_NOT_FOUND')
      await checkRejects(list({ path }), 'AIOS_NOT_FOUND')
      await checkRejects(remove(path), 'AIOS_NOT_FOUND')
      await checkRejects(remove(path, true), 'AIOS_NOT_FOUND')
    }
    checkSame(await list({ recursive: true }), [])
  },
}

const wrongKind: StorageCase = {
  name: 'rejects a file where a directory is needed, and the other way round, with AIOS_INVALID_SYSCALL',
  async run({ write, text, bytes, stat, list }) {
    await write('directory/file', 'kept')
    await checkRejects(text('directory'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(bytes('.'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(write('directory', 'x'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(write('.', 'x'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(write('directory/file/below', 'x'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(text('directory/file/below'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(stat('directory/file/below'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(list({ path: 'directory/file' }), 'AIOS_INVALID_SYSCALL')
    checkSame(await text('directory/file'), 'kept')
  },
}

const strictText: StorageCase = {
  name: 'rejects to read bytes that are no UTF-8 as text with AIOS_UNSUPPORTED, and to write text that UTF-8 cannot hold',
  async run({ write, text, bytes, list }) {
    for (const content of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x61, 0x80, 0x62]]) {
      await write('file.bin', Uint8Array.from(content))
      await checkRejects(text('file.bin'), 'AIOS_UNSUPPORTED')
      checkSame([...(await bytes('file.bin'))], content)
    }
    await checkRejects(write('half.txt', 'half \ud800 character'), 'AIOS_INVALID_SYSCALL')
    checkSame(await list(), ['file.bin'])
  },
}

const callersBytes: StorageCase = {
  name: 'keeps a file as it was when its caller changes the bytes it passed or got',
  async run({ write, bytes }) {
    const content = Uint8Array.from([1, 2, 3])
    const writing = write('file.bin', content)
    content.fill(9)
    await writing
    const got = await bytes('file.bin')
    checkSame([...got], [1, 2, 3])
    got.fill(8)
    checkSame([...(await bytes('file.bin'))], [1, 2, 3])
  },
}

/** Holds the cases about single files. */
export const fileCases: readonly StorageCase[] = [
  roundTrips,
  whole,
  describes,
  spellings,
  missing,
  wrongKind,
  strictText,
  callersBytes,
]
