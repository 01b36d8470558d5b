import { describe, expect, it } from 'vitest'
import { filesBelow, foldersBelow, isFolder, manifestOf, PACKAGES, read } from './tree.js'

const MAX_LINES = 400
const MAX_INDEX_LINES = 60
const BANNED = /^(utils?|common|shared|helpers?|types|misc)([.]|$)/
/** Folders of tests that stand for no folder of the sources: the reference model that the kernel is compared with. */
const NO_COUNTERPART = ['tests/kernel/model']
/** A list of named exports: comments aside, nothing else may stand in an index. */
const NAMED_EXPORT = /export\s+(type\s+)?\{[^}]*\}(\s*from\s*'[^']+')?;?/g

const linesOf = (path: string) => read(path).trimEnd().split('\n').length
const codeOf = (path: string) =>
  read(path)
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')

const sources = filesBelow('packages').filter((path) => path.includes('/src/'))
const written = [...sources, ...filesBelow('examples'), ...filesBelow('tests'), ...filesBelow('scripts')].filter(
  (path) => /[.](ts|mjs|cjs|js)$/.test(path),
)

describe('layout of the tree', () => {
  it('keeps every file we write within 400 lines', () => {
    expect(written.filter((path) => linesOf(path) > MAX_LINES)).toEqual([])
  })

  it('names every folder and file after a concept', () => {
    const named = written.filter((path) => path.split('/').some((part) => BANNED.test(part)))
    expect(named).toEqual([])
  })

  it('ships nothing but TypeScript from src', () => {
    expect(sources.filter((path) => !path.endsWith('.ts') || path.endsWith('.test.ts'))).toEqual([])
  })

  it('keeps each index a list of named exports under 60 lines', () => {
    const indexes = sources.filter((path) => path.endsWith('/index.ts'))
    expect(indexes.length).toBeGreaterThan(PACKAGES.length)
    expect(indexes.filter((path) => linesOf(path) >= MAX_INDEX_LINES)).toEqual([])
    expect(indexes.filter((path) => codeOf(path).replace(NAMED_EXPORT, '').trim() !== '')).toEqual([])
  })

  it('has an index only where a package can be entered', () => {
    const entries = PACKAGES.flatMap((name) =>
      Object.values(manifestOf(`packages/${name}`).exports ?? {})
        .filter((target) => typeof target !== 'string')
        .map((target) => `packages/${name}/${target['@aios/source']?.slice(2)}`),
    )
    expect(sources.filter((path) => path.endsWith('/index.ts')).sort()).toEqual(entries.sort())
  })

  it.each(PACKAGES)('repeats the folders of %s in its tests', (name) => {
    const folders = foldersBelow(`tests/${name}`).filter((folder) => !NO_COUNTERPART.includes(folder))
    const strangers = folders.filter((folder) => !isFolder(folder.replace(`tests/${name}`, `packages/${name}/src`)))
    expect(strangers).toEqual([])
  })
})
