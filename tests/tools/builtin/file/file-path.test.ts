import { expect, it } from 'vitest'
import { fileConflictKeys, pathField } from '../../../../packages/tools/src/builtin/file/file-path.js'

it('names one lock for all ways to write a path', () => {
  for (const path of ['a/b.md', './a/b.md', 'a//b.md', 'a/./b.md', '/a/b.md', 'a/b.md/']) {
    expect(fileConflictKeys({ path })).toEqual(['files/a/b.md'])
  }
})

it('leaves steps upwards to the storage, which refuses or resolves them', () => {
  expect(fileConflictKeys({ path: 'a/../b' })).toEqual(['files/a/../b'])
})

it('tells a model how paths are written', () => {
  expect(pathField('The file.').schema).toMatchObject({
    description: 'The file. Relative to the root, with "/", such as "notes/today.md".',
    minLength: 1,
    maxLength: 1_024,
  })
})
