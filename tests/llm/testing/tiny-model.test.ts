import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { tinyModel, type TinyModelOptions } from '@aios/llm/testing'

const folder = mkdtempSync(join(tmpdir(), 'aios-tiny-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('tinyModel', () => {
  it('writes the same bytes every time and on every machine, fewer than 200 KB', () => {
    const path = tinyModel(join(folder, 'deep', 'er', 'tiny.gguf'))
    expect(readFileSync(path).length).toBeLessThan(200_000)
    expect(readFileSync(path).subarray(0, 8)).toEqual(Buffer.from('GGUF\x03\0\0\0'))
    expect(digest(path)).toBe('a088ba1bd048ce7a723d316caa60260a7a61d525a7cb77e0ca66e31e31d98f41')
    expect(digest(tinyModel(path))).toBe(digest(path))
    expect(readdirSync(dirname(path)), 'nothing half written is left').toEqual(['tiny.gguf'])
  })

  it('makes another model of the same length with another seed', () => {
    const [one, two] = [tinyModel(join(folder, 'one.gguf')), tinyModel(join(folder, 'two.gguf'), { seed: 2 })]
    expect(digest(two)).not.toBe(digest(one))
    expect(readFileSync(two).length).toBe(readFileSync(one).length)
  })

  it.each<[unknown, unknown]>([
    ['', {}],
    [7, {}],
    ['x.gguf', { seed: -1 }],
    ['x.gguf', { seeds: 1 }],
  ])('refuses %j with %j', (path, options) => {
    expect(() => tinyModel(path as string, options as TinyModelOptions)).toThrowError(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }) as Error,
    )
  })
})
