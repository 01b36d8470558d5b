import { AiosError } from '@aios/kernel'
import { expect, it } from 'vitest'
import { searchFiles } from '../../../../packages/tools/src/builtin/file/search-files.js'
import { openTools, rejection } from '../../open-tools.js'
import { fakeStorage } from '../fake-sys.js'

const FILES = {
  'a.md': 'Alpha\nbeta\n',
  'docs/b.md': 'gamma\nalpha beta\n',
  'docs/c.txt': 'alpha\n',
}
const { call } = openTools([searchFiles()])

interface Found {
  readonly matches: { path: string; line: number; text: string }[]
  readonly filesSearched: number
  readonly filesSkipped: number
  readonly incomplete?: string
}
async function search(input: object, storage = fakeStorage(FILES)): Promise<Found> {
  return (await call('search_files', input, { sys: storage.sys })) as Found
}
const places = ({ matches }: Found) => matches.map(({ path, line }) => `${path}:${line}`)

it('finds plain text in all files, with path and line number', async () => {
  expect(await search({ query: 'alpha' })).toEqual({
    matches: [
      { path: 'docs/b.md', line: 2, text: 'alpha beta' },
      { path: 'docs/c.txt', line: 1, text: 'alpha' },
    ],
    filesSearched: 3,
    filesSkipped: 0,
  })
})

it.each([
  [{ query: 'alpha', ignoreCase: true }, ['a.md:1', 'docs/b.md:2', 'docs/c.txt:1']],
  [{ query: '^[ab]', regex: true }, ['a.md:2', 'docs/b.md:2', 'docs/c.txt:1']],
  [{ query: '^A', regex: true, ignoreCase: true }, ['a.md:1', 'docs/b.md:2', 'docs/c.txt:1']],
  [{ query: '^a', path: 'docs' }, []],
  [{ query: 'beta', path: 'docs' }, ['docs/b.md:2']],
  [{ query: 'a', path: 'a.md', glob: '*.txt' }, ['a.md:1', 'a.md:2']],
  [{ query: 'alpha', glob: '*.txt' }, ['docs/c.txt:1']],
  [{ query: 'alpha', glob: 'docs/*.md' }, ['docs/b.md:2']],
])('finds %o', async (input, found) => {
  expect(places(await search(input))).toEqual(found)
})

it('reads only what it searches', async () => {
  const storage = fakeStorage(FILES)
  await search({ query: 'x', glob: '*.txt' }, storage)
  expect(storage.calls).toEqual(['list .', 'read docs/c.txt'])
  storage.calls.length = 0
  await search({ query: 'x', path: 'a.md' }, storage)
  expect(storage.calls).toEqual(['stat a.md', 'read a.md'])
})

it('skips what holds no text, is gone, is out of reach or is too large, and says how many', async () => {
  const error = (code: 'AIOS_UNSUPPORTED' | 'AIOS_NOT_FOUND' | 'AIOS_ACCESS_DENIED') => new AiosError(code, 'no')
  const files = {
    'a.png': error('AIOS_UNSUPPORTED'),
    'b.gone': error('AIOS_NOT_FOUND'),
    'c.link': error('AIOS_ACCESS_DENIED'),
    'd.huge': 'x',
    'e.txt': 'x',
  }
  const storage = fakeStorage(files, { 'd.huge': 16_777_217 })
  expect(await search({ query: 'x' }, storage)).toMatchObject({
    matches: [{ path: 'e.txt' }],
    filesSearched: 1,
    filesSkipped: 4,
  })
  expect(storage.calls).not.toContain('read d.huge')
})

it('fails on any other error', async () => {
  const cause = new AiosError('AIOS_BUDGET_EXCEEDED', 'no calls left')
  const storage = fakeStorage({ 'a.txt': cause })
  expect(await rejection(call('search_files', { query: 'x' }, { sys: storage.sys }))).toMatchObject({
    code: 'AIOS_TOOL_FAILED',
    cause,
  })
  const missing = call('search_files', { query: 'x', path: 'none' }, { sys: storage.sys })
  expect(await rejection(missing)).toMatchObject({ cause: { code: 'AIOS_NOT_FOUND' } })
})

it('says when there are more matches than it shows, and stops reading', async () => {
  const storage = fakeStorage({ 'a.txt': 'x\nx\nx\n', 'b.txt': 'x' })
  const found = await search({ query: 'x', limit: 2 }, storage)
  expect(places(found)).toEqual(['a.txt:1', 'a.txt:2'])
  expect(found.incomplete).toBe('only the first 2 matches are shown')
  expect(storage.calls).not.toContain('read b.txt')
  expect((await search({ query: 'x', limit: 4 }, storage)).incomplete).toBeUndefined()
})

it('says when it stopped because there is too much to read', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const storage = fakeStorage(
    Object.fromEntries(names.map((name) => [name, 'x'])),
    Object.fromEntries(names.map((name) => [name, 16_000_000])),
  )
  const found = await search({ query: 'x' }, storage)
  expect(found).toMatchObject({ filesSearched: 5, incomplete: 'stopped after reading 67108864 bytes' })
})

it('says when a regular expression saw only the beginning of lines', async () => {
  const storage = fakeStorage({ a: `${'y'.repeat(5_000)}x\nx` })
  const found = await search({ query: 'x', regex: true }, storage)
  expect(places(found)).toEqual(['a:2'])
  expect(found.incomplete).toBe('of 1 long lines only the first 4096 characters were tested')
  expect(places(await search({ query: 'x' }, storage))).toEqual(['a:1', 'a:2'])
})

it('ends with its signal between files', async () => {
  const caller = new AbortController()
  const storage = fakeStorage(FILES)
  const read = storage.sys.storage.read
  Object.assign(storage.sys.storage, {
    read: async (request: { path: string }) => {
      caller.abort('over')
      return read(request)
    },
  })
  expect(await rejection(call('search_files', { query: 'x' }, { sys: storage.sys, signal: caller.signal }))).toBe(
    'over',
  )
  expect(storage.calls).toEqual(['list .', 'read a.md'])
})

it.each([
  [{}],
  [{ query: '' }],
  [{ query: '(', regex: true }],
  [{ query: 'x', limit: 501 }],
  [{ query: 'x', glob: 'y'.repeat(257) }],
])('refuses the input %o', async (input) => {
  expect(await rejection(call('search_files', input))).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
})
