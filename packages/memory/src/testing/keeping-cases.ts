import { check, checkRejects } from '@aios/kernel/testing'
import type { MemoryCase } from './memory-ground.js'

/** Changes a value that a driver returned, as a careless caller would; a frozen one refuses. */
function spoil(value: object, change: (value: Record<string, unknown>) => void): void {
  try {
    change(value as Record<string, unknown>)
  } catch (error) {
    check(error instanceof TypeError, `Expected a frozen value to throw a TypeError, got ${String(error)}.`)
  }
}

const roundTrip: MemoryCase = {
  name: 'returns every field of a note as it was given, with its namespace and times',
  async run({ add, get, clock }) {
    await clock.advance(500)
    const content = '  Tabs\tand\nlines, ünïcödé 漢字 🙂  '
    const given = {
      content,
      keywords: ['b', 'a'],
      tags: ['x', 'y'],
      category: 'work',
      metadata: { n: 1, deep: [{ ok: true }] },
    }
    const added = await add({ namespace: 'one', ...given })
    const note = await get({ namespace: 'one', id: added.id })
    const { content: text, keywords, tags, category, metadata } = note
    const expected = JSON.stringify(given)
    const got = JSON.stringify({ content: text, keywords, tags, category, metadata })
    check(got === expected, `Expected ${expected}, got ${got}.`)
    check(note.namespace === 'one' && note.id === added.id, 'Expected the namespace and id of the added note.')
    check(note.createdAt === 1_500 && note.updatedAt === 1_500, 'Expected both times to come from the clock.')
  },
}

const emptyFields: MemoryCase = {
  name: 'fills fields that were not given with empty ones',
  async run({ add }) {
    const note = await add({ namespace: 'one', content: 'bare' })
    check(note.keywords.length === 0 && note.tags.length === 0, 'Expected empty keywords and tags.')
    check(note.category === undefined, 'Expected no category.')
    check(Object.keys(note.metadata).length === 0, 'Expected empty metadata.')
  },
}

const uniqueIds: MemoryCase = {
  name: 'gives every note an id of its own, over all namespaces and after removals',
  async run({ add, remove }) {
    const seen = new Set<string>()
    for (let at = 0; at < 50; at += 1) {
      const namespace = at % 2 === 0 ? 'one' : 'two'
      const { id } = await add({ namespace, content: 'same text' })
      check(!seen.has(id), `Expected a new id, got ${id} again.`)
      seen.add(id)
      if (at % 3 === 0) await remove({ namespace, id })
    }
  },
}

const partialUpdate: MemoryCase = {
  name: 'changes only the fields that an update names, and the time of change',
  async run({ add, update, get, clock }) {
    const { id } = await add({
      namespace: 'one',
      content: 'old',
      tags: ['keep'],
      category: 'kept',
      metadata: { a: 1, b: 2 },
    })
    await clock.advance(100)
    const changed = await update({ namespace: 'one', id, content: 'new', metadata: { b: 3 } })
    const note = await get({ namespace: 'one', id })
    check(JSON.stringify(changed) === JSON.stringify(note), 'Expected update to return the note as it is now.')
    check(
      note.content === 'new' && note.tags[0] === 'keep' && note.category === 'kept',
      'Expected only content to change.',
    )
    check(JSON.stringify(note.metadata) === '{"b":3}', 'Expected metadata to be replaced as a whole.')
    check(note.createdAt === 1_000 && note.updatedAt === 1_100, 'Expected createdAt to stay and updatedAt to move.')
  },
}

const removal: MemoryCase = {
  name: 'returns what it removed and rejects later calls with AIOS_NOT_FOUND',
  async run({ add, get, update, remove }) {
    const { id } = await add({ namespace: 'one', content: 'short-lived' })
    const gone = await remove({ namespace: 'one', id })
    check(gone.id === id && gone.content === 'short-lived', 'Expected the removed note.')
    await checkRejects(get({ namespace: 'one', id }), 'AIOS_NOT_FOUND')
    await checkRejects(update({ namespace: 'one', id, content: 'again' }), 'AIOS_NOT_FOUND')
    await checkRejects(remove({ namespace: 'one', id }), 'AIOS_NOT_FOUND')
  },
}

const unknownIds: MemoryCase = {
  name: 'rejects ids that it never gave with AIOS_NOT_FOUND',
  async run({ add, get }) {
    await add({ namespace: 'one', content: 'there is one' })
    for (const id of ['', '0', 'nope', '__proto__', 'n0', 'x'.repeat(10_000), '../n1', '\0', '漢']) {
      await checkRejects(get({ namespace: 'one', id }), 'AIOS_NOT_FOUND')
    }
  },
}

const strangers: MemoryCase = {
  name: 'does not let another namespace get, update or remove a note',
  async run({ add, get, update, remove }) {
    const { id } = await add({ namespace: 'one', content: 'private' })
    for (const namespace of ['two', 'on', 'one ', 'ONE', 'one/', '__proto__', 'constructor']) {
      await checkRejects(get({ namespace, id }), 'AIOS_NOT_FOUND')
      await checkRejects(update({ namespace, id, content: 'mine now' }), 'AIOS_NOT_FOUND')
      await checkRejects(remove({ namespace, id }), 'AIOS_NOT_FOUND')
    }
    const note = await get({ namespace: 'one', id })
    check(note.content === 'private', 'Expected the note to be as it was.')
  },
}

const callersArrays: MemoryCase = {
  name: 'keeps a note as it was when its caller changes what it passed or what it got',
  async run({ add, get, retrieve }) {
    const tags = ['first']
    const metadata = { list: [1] }
    const added = await add({ namespace: 'one', content: 'stable words', tags, metadata })
    tags.push('later')
    metadata.list.push(2)
    const [hit] = await retrieve({ namespace: 'one', query: 'stable' })
    check(hit !== undefined, 'Expected one hit.')
    for (const got of [added, hit, await get({ namespace: 'one', id: added.id })]) {
      spoil(got, (note) => (note['content'] = 'spoilt'))
      spoil(got.tags, (list) => (list[0] = 'spoilt'))
      spoil(got.metadata, (data) => (data['list'] = 'spoilt'))
      spoil(got.metadata['list'] as object, (list) => (list[0] = 'spoilt'))
    }
    const note = await get({ namespace: 'one', id: added.id })
    const kept = JSON.stringify([note.content, note.tags, note.metadata])
    check(kept === '["stable words",["first"],{"list":[1]}]', `Expected the note as it was added, got ${kept}.`)
  },
}

/** Holds the cases about storing notes and getting them back. */
export const keepingCases: readonly MemoryCase[] = [
  roundTrip,
  emptyFields,
  uniqueIds,
  partialUpdate,
  removal,
  unknownIds,
  strangers,
  callersArrays,
]
