import { describe, expect, it } from 'vitest'
import { memorySettings } from '../../packages/memory/src/embedded-memory-options.js'

describe('memorySettings', () => {
  it('fills in the defaults', () => {
    expect(memorySettings({})).toEqual({ id: 'embedded', limits: undefined, maxNotes: 100_000 })
  })

  it('keeps what is given', () => {
    const options = { id: 'mine', limits: { concurrency: 2 }, maxNotes: 1 }
    expect(memorySettings(options)).toEqual(options)
  })

  it.each([
    [{ maxnotes: 5 }, 'Expected only id, limits, maxNotes in embeddedMemory(), got the unknown key "maxnotes".'],
    [{ id: '' }, 'Expected a name for "id" in embeddedMemory(), got "".'],
    [{ id: 7 }, 'Expected a name for "id" in embeddedMemory(), got 7.'],
    [{ maxNotes: 0 }, 'Expected a positive integer for "maxNotes" in embeddedMemory(), got 0.'],
    [{ maxNotes: 1.5 }, 'got 1.5.'],
    [{ maxNotes: Infinity }, 'got Infinity.'],
    [{ maxNotes: '9' }, 'got "9".'],
    [{ maxNotes: null }, 'got a object.'],
  ])('refuses %j and says what was expected', (options, message) => {
    const refused = expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) })
    expect(() => memorySettings(options as never)).toThrow(refused)
  })
})
