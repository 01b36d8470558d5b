import { expect, it } from 'vitest'
import { fileInfo } from '../../../../packages/tools/src/builtin/file/file-info.js'
import { openTools } from '../../open-tools.js'
import { fakeStorage } from '../fake-sys.js'

it('tells of a file and of a directory', async () => {
  const { sys } = fakeStorage({ 'docs/a': 'xyz' })
  const { call } = openTools([fileInfo()])
  expect(await call('file_info', { path: 'docs/a' }, { sys })).toEqual({
    path: 'docs/a',
    kind: 'file',
    sizeBytes: 3,
    modifiedAt: '1970-01-02T00:00:00.000Z',
  })
  expect(await call('file_info', { path: 'docs' }, { sys })).toMatchObject({ kind: 'directory', sizeBytes: 0 })
})
