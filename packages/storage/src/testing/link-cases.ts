import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { checkRejects } from '@aios/kernel/testing'
import type { RootCase } from './root-ground.js'
import { checkSame } from './storage-ground.js'

/** Links that lead out of the root, by name. */
const LEADING_OUT: readonly (readonly [name: string, target: string])[] = [
  ['to-file', '../outside/secret.txt'],
  ['to-dir', '../outside'],
  ['to-parent', '..'],
  ['to-twin', '../root-twin'],
  ['to-system', '/'],
  ['by-detour', 'real/../../outside'],
  ['by-chain', 'to-dir'],
  ['nowhere-outside', '../outside/not-there.txt'],
  ['nowhere-far-outside', '/not-there-at-all/file'],
  ['back-again', '../root/real'],
  ['with-backslash', '..\\outside'],
]

const leadingOut: RootCase = {
  name: 'rejects every verb on, through and below a link that leads out with AIOS_ACCESS_DENIED, whether its end exists or not',
  async run({ link, write, text, list, stat, remove }) {
    await write('real/file', 'x')
    for (const [name, target] of LEADING_OUT) await link(name, target)
    for (const [name] of LEADING_OUT) {
      for (const path of [name, `${name}/secret.txt`, `${name}/new/deep`]) {
        await checkRejects(text(path), 'AIOS_ACCESS_DENIED')
        await checkRejects(write(path, 'x'), 'AIOS_ACCESS_DENIED')
        await checkRejects(list({ path, recursive: true }), 'AIOS_ACCESS_DENIED')
        await checkRejects(stat(path), 'AIOS_ACCESS_DENIED')
        await checkRejects(remove(path, true), 'AIOS_ACCESS_DENIED')
      }
    }
  },
}

const stayingIn: RootCase = {
  name: 'follows links that stay inside: relative, absolute, in chains, to directories and to what is not there yet',
  async run({ root, link, write, text, stat, list }) {
    await write('real/file', 'through')
    await link('relative', 'real/file')
    await link('absolute', join(root, 'real', 'file'))
    await link('chain', './relative')
    await link('directory', 'real')
    await link('real/up', '../real')
    await link('whole', '.')
    for (const path of [
      'relative',
      'absolute',
      'chain',
      'directory/file',
      'real/up/up/file',
      'whole/whole/real/file',
    ]) {
      checkSame(await text(path), 'through')
      checkSame((await stat(path)).path, path)
    }
    checkSame(await list({ path: 'directory' }), ['directory/file', 'directory/up'])
    await link('later', 'made/by/write')
    await checkRejects(text('later'), 'AIOS_NOT_FOUND')
    await write('later', 'made')
    checkSame(await text('made/by/write'), 'made')
  },
}

const writesThrough: RootCase = {
  name: 'writes to what a link inside leads to, and keeps the link',
  async run({ root, link, write, text }) {
    await write('real', 'old')
    await link('link', 'real')
    checkSame((await write('link', 'new')).path, 'link')
    checkSame(await text('real'), 'new')
    checkSame(await readlink(join(root, 'link')), 'real')
  },
}

const listsLinks: RootCase = {
  name: 'lists links as what they lead to inside, leaves out those that lead out or nowhere, and comes to an end in circles',
  async run({ link, write, entries }) {
    await write('real/file', 'four')
    const links = [
      ['to-file', 'real/file'],
      ['to-dir', 'real'],
      ['out', '../outside'],
      ['nowhere', 'missing'],
      ['real/circle', '..'],
    ] as const
    for (const [name, target] of [...links, ['one', 'other'], ['other', 'one'], ['self', 'self']] as const)
      await link(name, target)
    const seen = (await entries({ recursive: true })).map(({ path, kind, sizeBytes }) => `${path} ${kind} ${sizeBytes}`)
    checkSame(seen, [
      'real directory 0',
      'real/circle directory 0',
      'real/file file 4',
      'to-dir directory 0',
      'to-file file 4',
    ])
  },
}

const circles: RootCase = {
  name: 'refuses links that lead in a circle, from every verb',
  async run({ link, write, text, list, stat, remove }) {
    await link('one', 'other')
    await link('other', 'one')
    await link('grows', 'grows/more')
    for (const path of ['one', 'one/below', 'grows', 'grows/below']) {
      await checkRejects(text(path), 'AIOS_ACCESS_DENIED')
      await checkRejects(write(path, 'x'), 'AIOS_ACCESS_DENIED')
      await checkRejects(list({ path }), 'AIOS_ACCESS_DENIED')
      await checkRejects(stat(path), 'AIOS_ACCESS_DENIED')
      await checkRejects(remove(path), 'AIOS_ACCESS_DENIED')
    }
  },
}

const removesLinks: RootCase = {
  name: 'removes a link and keeps what it leads to, also within a tree and where it leads out',
  async run({ root, link, write, text, remove, list }) {
    await write('real/file', 'kept')
    await link('to-file', 'real/file')
    await link('to-dir', 'real')
    await write('tree/file', 'x')
    await link('tree/in', '../real')
    await link('tree/out', '../../outside')
    checkSame((await remove('to-file')).kind, 'file')
    checkSame((await remove('to-dir')).kind, 'directory')
    await remove('tree', true)
    checkSame(await list({ recursive: true }), ['real', 'real/file'])
    checkSame(await text('real/file'), 'kept')
    await checkRejects(lstat(join(root, 'tree')), 'ENOENT')
  },
}

/** Holds the cases about symbolic links that stand in the root. */
export const linkCases: readonly RootCase[] = [leadingOut, stayingIn, writesThrough, listsLinks, circles, removesLinks]
