import { embeddedMemory } from '@aios/memory'
import { memoryConformance } from '@aios/memory/testing'
import type { MemoryDriver } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'

/** Runs the suite against the embedded memory with one fault and returns the names of the cases that fail. */
async function failures(fault: (good: MemoryDriver) => Partial<MemoryDriver>): Promise<string[]> {
  const make = (): MemoryDriver => {
    const good = embeddedMemory()
    return { ...good, ...fault(good) }
  }
  const names: string[] = []
  for (const { name, run } of memoryConformance(make)) await run().catch(() => names.push(name))
  return names
}

describe('memoryConformance', () => {
  it('passes a driver that keeps the contract, also one that answers later', async () => {
    const later = (good: MemoryDriver): Partial<MemoryDriver> => ({
      get: async (request, call) => good.get(request, call),
    })
    expect(await failures(later)).toEqual([])
  })

  it('catches a driver that ignores namespaces', async () => {
    const open = await failures((good) => ({
      add: (request, call) => good.add({ ...request, namespace: 'all' }, call),
      get: (request, call) => good.get({ ...request, namespace: 'all' }, call),
      retrieve: (request, call) => good.retrieve({ ...request, namespace: 'all' }, call),
    }))
    expect(open).toContain('never shows a note to another namespace, however well it matches')
    expect(open).toContain('does not let another namespace get, update or remove a note')
  })

  it('catches a driver that hands out what it stores', async () => {
    const shared = new Map<string, object>()
    const leaky = await failures((good) => ({
      add: async (request, call) => {
        const note = structuredClone(await good.add(request, call))
        shared.set(note.id, note)
        return note
      },
      get: (request) => shared.get(request.id) as never,
    }))
    expect(leaky).toContain('keeps a note as it was when its caller changes what it passed or what it got')
  })

  it('catches a driver that forgets to take removed notes out of retrieval', async () => {
    const stale = await failures((good) => ({ remove: (request, call) => good.get(request, call) }))
    expect(stale).toContain(
      'finds a note as soon as it is added, by its new words after an update, and never after its removal',
    )
    expect(stale).toContain('returns what it removed and rejects later calls with AIOS_NOT_FOUND')
  })

  it('catches scores that do not fall, a wrong default limit and ignored tags', async () => {
    const careless = await failures((good) => ({
      retrieve: async (request, call) => {
        const { namespace, query } = request
        return [...(await good.retrieve({ namespace, query, limit: request.limit ?? 7 }, call))].reverse()
      },
    }))
    expect(careless).toEqual(
      expect.arrayContaining([
        'puts the note that matches best first, with falling scores above 0',
        'returns at most 5 notes, or as many as the limit says',
        'returns only notes that carry all of the tags asked for',
        'puts the newer of two notes that match equally well first',
      ]),
    )
  })

  it('catches a driver that cannot be closed twice', async () => {
    let closed = false
    const once = await failures(() => ({
      close: () => {
        if (closed) throw new Error('closed before')
        closed = true
      },
    }))
    expect(once.length).toBeGreaterThan(0)
  })
})
