import { fakeDriverCall } from '@aios/kernel/testing'
import { expect, it } from 'vitest'
import { writeFile } from '../../../../packages/tools/src/builtin/file/write-file.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeStorage } from '../fake-sys.js'

const { call, driver } = openTools([writeFile()])

it('writes the whole content and tells what there is now', async () => {
  const { sys, files } = fakeStorage({ f: 'old' })
  expect(await call('write_file', { path: 'f', content: 'newer' }, { sys })).toMatchObject({ path: 'f', sizeBytes: 5 })
  expect(files.get('f')).toBe('newer')
})

it('may empty a file', async () => {
  const { sys, files } = fakeStorage({ f: 'old' })
  await call('write_file', { path: 'f', content: '' }, { sys })
  expect(files.get('f')).toBe('')
})

it('locks the path it writes', async () => {
  const { conflictKeys } = await driver.prepare('builtin/write_file', { path: './a//b', content: '' }, fakeDriverCall())
  expect(conflictKeys).toEqual(['files/a/b'])
})

it.each([[{ path: 'f' }], [{ path: 'f', content: 'x'.repeat(1_048_577) }], [{ path: 'f', content: 1 }]])(
  'refuses the input %o',
  async (input) => {
    expect(await rejection(call('write_file', input))).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
  },
)
