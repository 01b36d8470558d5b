import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { statFile } from '../../../packages/storage/src/file/stat-file.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()

it('describes what a link leads to under the name of the link', async () => {
  const base = await freshDirectory()
  await writeFile(join(base, 'real'), '123')
  await symlink('real', join(base, 'link'))
  expect(await statFile(await openRoot(base), ['link'])).toMatchObject({
    path: 'link',
    name: 'link',
    kind: 'file',
    sizeBytes: 3,
  })
})

it('describes the root', async () => {
  expect(await statFile(await openRoot(await freshDirectory()), [])).toMatchObject({
    path: '.',
    name: '.',
    kind: 'directory',
  })
})
