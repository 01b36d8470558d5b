import { expect, it } from 'vitest'
import { fileEntry } from '../../../../packages/tools/src/builtin/file/file-entry.js'

it('shows a time that a model can read and nothing that repeats the path', () => {
  expect(fileEntry({ path: 'a/b', name: 'b', kind: 'file', sizeBytes: 3, modifiedAt: 1_000.5 })).toEqual({
    path: 'a/b',
    kind: 'file',
    sizeBytes: 3,
    modifiedAt: '1970-01-01T00:00:01.000Z',
  })
})
