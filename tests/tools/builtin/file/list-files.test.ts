import { expect, it } from 'vitest'
import { listFiles } from '../../../../packages/tools/src/builtin/file/list-files.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeStorage } from '../fake-sys.js'

const { sys } = fakeStorage({ 'a.md': 'x', 'docs/b.md': 'yy', 'docs/deep/c.txt': 'zzz' })
const { call } = openTools([listFiles()])
const paths = async (input: object) =>
  ((await call('list_files', input, { sys })) as { entries: { path: string }[] }).entries.map(({ path }) => path)

it('lists the root, one level deep, unless asked otherwise', async () => {
  expect(await call('list_files', {}, { sys })).toEqual({
    entries: [
      { path: 'a.md', kind: 'file', sizeBytes: 1, modifiedAt: '1970-01-02T00:00:00.000Z' },
      { path: 'docs', kind: 'directory', sizeBytes: 0, modifiedAt: '1970-01-01T00:00:00.000Z' },
    ],
    total: 2,
  })
  expect(await paths({ path: 'docs' })).toEqual(['docs/b.md', 'docs/deep'])
  expect(await paths({ path: 'docs', recursive: true })).toEqual(['docs/b.md', 'docs/deep', 'docs/deep/c.txt'])
})

it('keeps what matches', async () => {
  expect(await paths({ recursive: true, glob: '*.md' })).toEqual(['a.md', 'docs/b.md'])
  expect(await paths({ recursive: true, glob: 'docs/**/*.txt' })).toEqual(['docs/deep/c.txt'])
})

it('shows a page at a time, and the pages together are everything', async () => {
  const many = fakeStorage(
    Object.fromEntries(Array.from({ length: 450 }, (_, n) => [`f${String(n).padStart(3, '0')}`, ''])),
  )
  const seen: string[] = []
  let offset: number | undefined = 0
  for (let page = 0; offset !== undefined; page += 1) {
    expect(page).toBeLessThan(3)
    const listing = (await call('list_files', { offset }, { sys: many.sys })) as {
      entries: { path: string }[]
      total: number
      nextOffset?: number
    }
    expect(listing.total).toBe(450)
    seen.push(...listing.entries.map(({ path }) => path))
    offset = listing.nextOffset
  }
  expect(seen).toEqual([...many.files.keys()])
})

it('is empty, without a way on, behind the end', async () => {
  expect(await call('list_files', { offset: 99 }, { sys })).toEqual({ entries: [], total: 2 })
  expect(await call('list_files', { limit: 1 }, { sys })).toMatchObject({ total: 2, nextOffset: 1 })
})

it('fails with the error of the storage as cause', async () => {
  expect(await rejection(call('list_files', { path: 'none' }, { sys: fakeFailing() }))).toMatchObject({
    code: 'AIOS_TOOL_FAILED',
    cause: { message: 'no such directory' },
  })
})

function fakeFailing() {
  return {
    storage: {
      list: async () => {
        throw new Error('no such directory')
      },
    },
  } as unknown as typeof sys
}
