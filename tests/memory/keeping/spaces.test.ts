import { describe, expect, it } from 'vitest'
import { recordArguments } from '@aios/kernel/driver'
import { memorySpaces } from '../../../packages/memory/src/keeping/spaces.js'

describe('memorySpaces', () => {
  it('names spaces after the device where its id may be part of a name', () => {
    expect(memorySpaces('embedded')).toEqual({
      notes: 'memory/embedded/notes',
      keys: 'memory/embedded/keys',
      head: 'memory/embedded/head',
    })
  })

  it('makes a name of its own of every other id', () => {
    const ids = ['Main', 'main', 'a/b', 'a b', '漢字', 'x'.repeat(500), 'x'.repeat(501), 'id-1', 'id-2', '..', 'ä']
    const names = ids.map((id) => memorySpaces(id).notes)
    expect(new Set(names).size).toBe(ids.length)
    for (const name of names) recordArguments.space(name)
    const [encoded = ''] = names[0]?.split('/').slice(1, 2) ?? []
    expect(memorySpaces(encoded).notes).not.toBe(names[0])
  })
})
