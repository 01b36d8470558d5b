import type { MemoryHit } from '@aios/kernel/driver'
import { check } from '@aios/kernel/testing'
import type { MemoryCase } from './memory-ground.js'

function checkFound(hits: readonly MemoryHit[], contents: readonly string[]): void {
  const got = JSON.stringify(hits.map((hit) => hit.content))
  check(got === JSON.stringify(contents), `Expected ${JSON.stringify(contents)}, got ${got}.`)
}

const bestFirst: MemoryCase = {
  name: 'puts the note that matches best first, with falling scores above 0',
  async run({ add, retrieve }) {
    for (const content of ['Rain is likely', 'The cat sleeps', 'The cat chased a mouse', 'Stocks fell']) {
      await add({ namespace: 'one', content })
    }
    const hits = await retrieve({ namespace: 'one', query: 'which mouse did the cat chase', limit: 2 })
    check(hits[0]?.content === 'The cat chased a mouse', `Expected the mouse first, got ${String(hits[0]?.content)}.`)
    check(hits[1]?.content === 'The cat sleeps', `Expected the other cat second, got ${String(hits[1]?.content)}.`)
    const [first, second] = hits
    check(
      first.score >= second.score && second.score > 0,
      `Expected falling scores, got ${first.score}, ${second.score}.`,
    )
  },
}

const atOnce: MemoryCase = {
  name: 'finds a note as soon as it is added, by its new words after an update, and never after its removal',
  async run({ add, update, remove, retrieve }) {
    const search = (query: string): Promise<readonly MemoryHit[]> => retrieve({ namespace: 'one', query, limit: 1_000 })
    const { id } = await add({ namespace: 'one', content: 'volcano' })
    checkFound(await search('volcano'), ['volcano'])
    await update({ namespace: 'one', id, content: 'glacier' })
    checkFound(await search('glacier'), ['glacier'])
    check(!(await search('volcano')).some((hit) => hit.content !== 'glacier'), 'Expected the old text to be gone.')
    await remove({ namespace: 'one', id })
    checkFound(await search('glacier'), [])
  },
}

const sealed: MemoryCase = {
  name: 'never shows a note to another namespace, however well it matches',
  async run({ add, retrieve }) {
    await add({ namespace: 'one', content: 'the launch code is 4711', tags: ['code'], keywords: ['launch'] })
    await add({ namespace: 'two', content: 'unrelated' })
    for (const namespace of ['two', 'three', 'on', 'one ', '', '*', '__proto__']) {
      const hits = await retrieve({ namespace, query: 'launch code 4711', limit: 1_000 })
      check(!hits.some((hit) => hit.content.includes('4711')), `Expected namespace "${namespace}" not to see the note.`)
    }
  },
}

const limits: MemoryCase = {
  name: 'returns at most 5 notes, or as many as the limit says',
  async run({ add, retrieve }) {
    for (let at = 0; at < 12; at += 1) await add({ namespace: 'one', content: `apple number ${at}` })
    const count = async (limit?: number): Promise<number> => {
      const query = { namespace: 'one', query: 'apple', ...(limit === undefined ? {} : { limit }) }
      return (await retrieve(query)).length
    }
    check((await count()) === 5, 'Expected 5 notes without a limit.')
    check((await count(1)) === 1, 'Expected 1 note with limit 1.')
    check((await count(1_000)) === 12, 'Expected all 12 notes with limit 1,000.')
  },
}

const tagFilter: MemoryCase = {
  name: 'returns only notes that carry all of the tags asked for',
  async run({ add, retrieve }) {
    await add({ namespace: 'one', content: 'plum', tags: ['fruit', 'ripe'] })
    await add({ namespace: 'one', content: 'plum tree', tags: ['fruit'] })
    await add({ namespace: 'one', content: 'plum colour' })
    checkFound(await retrieve({ namespace: 'one', query: 'plum', tags: ['ripe', 'fruit'] }), ['plum'])
    checkFound(await retrieve({ namespace: 'one', query: 'plum', tags: ['rip'] }), [])
    check(
      (await retrieve({ namespace: 'one', query: 'plum', tags: [] })).length === 3,
      'Expected no tags to filter nothing.',
    )
  },
}

const newerFirst: MemoryCase = {
  name: 'puts the newer of two notes that match equally well first',
  async run({ add, retrieve, clock }) {
    for (const version of ['A', 'B', 'C']) {
      await add({ namespace: 'one', content: 'meeting moved', metadata: { version } })
      await clock.advance(1_000)
    }
    const hits = await retrieve({ namespace: 'one', query: 'meeting' })
    const order = hits.map((hit) => JSON.stringify(hit.metadata['version'])).join('')
    check(order === '"C""B""A"', `Expected the order C, B, A, got ${order}.`)
  },
}

const wholeNotes: MemoryCase = {
  name: 'returns hits with every field of the note',
  async run({ add, get, retrieve }) {
    const { id } = await add({
      namespace: 'one',
      content: 'complete',
      tags: ['t'],
      category: 'c',
      metadata: { m: null },
    })
    const [hit] = await retrieve({ namespace: 'one', query: 'complete' })
    check(hit !== undefined, 'Expected one hit.')
    const { score, ...note } = hit
    check(typeof score === 'number' && Number.isFinite(score), 'Expected a finite score.')
    const stored = await get({ namespace: 'one', id })
    check(
      JSON.stringify(Object.entries(note).sort()) === JSON.stringify(Object.entries(stored).sort()),
      'Expected the stored note.',
    )
  },
}

const oddQueries: MemoryCase = {
  name: 'answers any query text without failing',
  async run({ add, retrieve }) {
    await add({ namespace: 'one', content: 'something' })
    for (const query of [
      '',
      ' ',
      '?!',
      '\0',
      '"',
      '(',
      '*',
      'the of and',
      '__proto__',
      '漢字',
      '🙂',
      'a'.repeat(100_000),
    ]) {
      const hits = await retrieve({ namespace: 'one', query })
      check(
        hits.every((hit) => hit.score > 0),
        `Expected scores above 0 for ${JSON.stringify(query.slice(0, 20))}.`,
      )
    }
  },
}

/** Holds the cases about finding notes. */
export const retrievalCases: readonly MemoryCase[] = [
  bestFirst,
  atOnce,
  sealed,
  limits,
  tagFilter,
  newerFirst,
  wholeNotes,
  oddQueries,
]
