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
    [{ maxnotes: 5 }, 'Expected only the keys id, limits, maxNotes, got "maxnotes" in embeddedMemory().'],
    [{ id: '' }, 'Expected a string that is not empty for "id", got "" in embeddedMemory().'],
    [{ id: 7 }, 'Expected a string that is not empty for "id", got 7 in embeddedMemory().'],
    [{ maxNotes: 0 }, 'Expected a whole number from 1 for "maxNotes", got 0 in embeddedMemory().'],
    [{ maxNotes: 1.5 }, 'got 1.5 in embedded'],
    [{ maxNotes: Infinity }, 'got Infinity in embedded'],
    [{ maxNotes: '9' }, 'got "9" in embedded'],
    [{ maxNotes: null }, 'got null in embedded'],
  ])('refuses %j and says what was expected', (options, message) => {
    const refused = expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) })
    expect(() => memorySettings(options as never)).toThrow(refused)
  })
})
