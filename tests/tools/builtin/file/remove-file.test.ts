import { fakeDriverCall } from '@aios/kernel/testing'
import { expect, it } from 'vitest'
import { removeFile } from '../../../../packages/tools/src/builtin/file/remove-file.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeStorage } from '../fake-sys.js'

const { call, driver } = openTools([removeFile()])

it('removes a file and tells what it was', async () => {
  const { sys, files } = fakeStorage({ f: 'old' })
  expect(await call('remove_file', { path: 'f' }, { sys })).toMatchObject({ path: 'f', kind: 'file', sizeBytes: 3 })
  expect(files.size).toBe(0)
  expect(await rejection(call('remove_file', { path: 'f' }, { sys }))).toMatchObject({
    cause: { code: 'AIOS_NOT_FOUND' },
  })
})

it('locks the path it removes', async () => {
  const { conflictKeys } = await driver.prepare('builtin/remove_file', { path: 'a/./b' }, fakeDriverCall())
  expect(conflictKeys).toEqual(['files/a/b'])
})
