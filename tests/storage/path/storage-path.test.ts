import { HOSTILE_PATHS } from '@aios/storage/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNameable, parsePath, pathText } from '../../../packages/storage/src/path/storage-path.js'

describe('parsePath', () => {
  it.each([
    ['.', []],
    ['./', []],
    ['a', ['a']],
    ['./a//b/./c/', ['a', 'b', 'c']],
    ['..a/b../...c', ['..a', 'b..', '...c']],
    ['~/x', ['~', 'x']],
    ['file:/etc/passwd', ['file:', 'etc', 'passwd']],
    ['at 10:30.txt', ['at 10:30.txt']],
    ['100%2e txt', ['100%2e txt']],
    ['漢字/🙂.md', ['漢字', '🙂.md']],
    ['.aios-notes.tmp', ['.aios-notes.tmp']],
  ])('reads %j', (text, path) => {
    expect(parsePath(text)).toEqual(path)
  })

  it.each(HOSTILE_PATHS)('refuses $path with $code', ({ path, code }) => {
    expect(() => parsePath(path)).toThrow(expect.objectContaining({ code }))
  })

  it.each(['.aios-1-1.tmp', 'a/.AIOS-99-0.TMP', '.aios-1-1.tmp/below'])(
    'keeps the name %s for files that are being written',
    (path) => {
      const refused = expect.objectContaining({
        code: 'AIOS_ACCESS_DENIED',
        message: expect.stringContaining('being written'),
      })
      expect(() => parsePath(path)).toThrow(refused)
    },
  )

  it('takes 256 names and no more', () => {
    expect(parsePath('a/'.repeat(256)).length).toBe(256)
    expect(() => parsePath('a/'.repeat(257))).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_SYSCALL' }))
  })

  it('shows what came, and of a long path only the beginning', () => {
    expect(() => parsePath('../x')).toThrow('got "../x", which holds ".."')
    const long = `/${'x'.repeat(1_000)}`
    expect(() => parsePath(long)).toThrow(`got "/${'x'.repeat(119)}…", which is absolute.`)
  })

  it('either refuses a path or returns names that can only lead down', () => {
    const text = fc.array(fc.constantFrom('.', '/', '\\', '..', '%2e', '%2F', ' ', 'a', 'C:', '\0', '．', '‥', '∕'), {
      maxLength: 10,
    })
    fc.assert(
      fc.property(text, (parts) => {
        let path: readonly string[]
        try {
          path = parsePath(parts.join(''))
        } catch (error) {
          expect(['AIOS_ACCESS_DENIED', 'AIOS_INVALID_SYSCALL']).toContain((error as { code: string }).code)
          return
        }
        expect(path.filter((name) => /^\.*$|[/\\\0]/.test(name) || /^\.\.$/.test(name.normalize('NFKC')))).toEqual([])
        expect(parsePath(pathText(path))).toEqual(path)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('isNameable', () => {
  it('tells whether a request could name an entry', () => {
    expect(isNameable(['a', 'b.txt'])).toBe(true)
    for (const path of [['a\\b'], ['c:x'], ['a', '...'], ['.aios-1-1.tmp'], ['a', '%2e%2e']])
      expect(isNameable(path)).toBe(false)
  })
})

describe('pathText', () => {
  it('writes the root as a dot and other paths with slashes', () => {
    expect([pathText([]), pathText(['a']), pathText(['a', 'b'])]).toEqual(['.', 'a', 'a/b'])
  })
})
