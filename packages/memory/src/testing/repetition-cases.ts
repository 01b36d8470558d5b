import { check, checkRejects } from '@aios/kernel/testing'
import type { MemoryCase, MemoryGround } from './memory-ground.js'

async function contents({ retrieve }: MemoryGround, query: string): Promise<string> {
  const hits = await retrieve({ namespace: 'one', query, limit: 1_000 })
  return hits
    .map(({ content }) => content)
    .sort()
    .join(', ')
}

const sameCall: MemoryCase = {
  name: 'answers a call that comes again with its key as before, and changes nothing',
  async run(memory) {
    const { keyed, get, update, clock } = memory
    const request = { namespace: 'one', content: 'apple pie', metadata: { b: 1, a: [2] } }
    const added = await keyed('run/1').add(request)
    const changed = await keyed('run/2').update({ namespace: 'one', id: added.id, content: 'apple tart' })
    await clock.advance(50)
    const again = await keyed('run/1').add(request)
    check(JSON.stringify(again) === JSON.stringify(added), 'Expected the first add to be answered as before.')
    await update({ namespace: 'one', id: added.id, tags: ['later'] })
    const changedAgain = await keyed('run/2').update({ namespace: 'one', id: added.id, content: 'apple tart' })
    check(JSON.stringify(changedAgain) === JSON.stringify(changed), 'Expected the update to be answered as before.')
    const note = await get({ namespace: 'one', id: added.id })
    check(note.content === 'apple tart' && note.tags[0] === 'later', 'Expected the note to stay as it was.')
    check((await contents(memory, 'apple')) === 'apple tart', 'Expected one note.')
  },
}

const removedOnce: MemoryCase = {
  name: 'answers a removal that comes again with its key with what it removed, and another one with AIOS_NOT_FOUND',
  async run({ add, keyed }) {
    const { id } = await add({ namespace: 'one', content: 'gone' })
    await keyed('run/1').remove({ namespace: 'one', id })
    const again = await keyed('run/1').remove({ namespace: 'one', id })
    check(again.id === id && again.content === 'gone', 'Expected the note that was removed.')
    await checkRejects(keyed('run/2').remove({ namespace: 'one', id }), 'AIOS_NOT_FOUND')
  },
}

const otherWords: MemoryCase = {
  name: 'leaves the newer of two texts under one id when a call comes again and says something else',
  async run(memory) {
    const { keyed, get } = memory
    const { id } = await keyed('run/1').add({ namespace: 'one', content: 'apple', tags: ['old'] })
    const again = await keyed('run/1').add({ namespace: 'one', content: 'apple and pear' })
    check(again.id === id, `Expected id ${id} again, got ${again.id}.`)
    check((await contents(memory, 'apple')) === 'apple and pear', 'Expected only the newer text.')
    await keyed('run/2').update({ namespace: 'one', id, tags: ['first'] })
    await keyed('run/2').update({ namespace: 'one', id, category: 'fruit' })
    const note = await get({ namespace: 'one', id })
    check(note.tags.length === 0 && note.category === 'fruit', 'Expected only the newer update.')
  },
}

const otherRuns: MemoryCase = {
  name: 'takes the same call of another run, and calls without a key, as new ones',
  async run({ add, keyed }) {
    const ids = new Set<string>()
    for (const key of ['a/1', 'b/1', 'a/1.1', 'a/2', 'a']) {
      ids.add((await keyed(key).add({ namespace: 'one', content: 'same' })).id)
    }
    for (let time = 0; time < 2; time += 1) ids.add((await add({ namespace: 'one', content: 'same' })).id)
    check(ids.size === 7, `Expected 7 notes, got ${ids.size}.`)
  },
}

const forgotten: MemoryCase = {
  name: 'forgets the keys of a run that has ended, and of no other, and keeps its notes',
  async run(memory) {
    const { keyed, forget } = memory
    if (forget === undefined) return
    const add = async (key: string): Promise<string> =>
      (await keyed(key).add({ namespace: 'one', content: 'apple' })).id
    const [mine, longer, nested] = [await add('run/1'), await add('run2/1'), await add('run/1/1')]
    await forget('run')
    await forget('never seen')
    check((await add('run2/1')) === longer && (await add('run/1/1')) === nested, 'Expected other runs to be known.')
    check((await contents(memory, 'apple')) === 'apple, apple, apple', 'Expected the notes to stay.')
    check((await add('run/1')) !== mine, 'Expected the run to be forgotten.')
  },
}

const restart: MemoryCase = {
  name: 'has every note again after a restart on the same store, finds them, and never gives an id twice',
  reopens: true,
  async run(memory) {
    const { add, get, update, remove, reopen, clock } = memory
    const kept = await add({ namespace: 'one', content: 'apple', keywords: ['k'], tags: ['t'], metadata: { m: null } })
    const { id } = await add({ namespace: 'one', content: 'pear' })
    const last = await add({ namespace: 'two', content: 'apple of another' })
    await clock.advance(10)
    await update({ namespace: 'one', id, content: 'apple and pear' })
    await remove({ namespace: 'two', id: last.id })
    for (let time = 0; time < 2; time += 1) {
      await reopen()
      const note = await get({ namespace: 'one', id: kept.id })
      check(JSON.stringify(note) === JSON.stringify(kept), 'Expected the note as it was.')
      check((await contents(memory, 'apple')) === 'apple, apple and pear', 'Expected two notes.')
      await checkRejects(get({ namespace: 'two', id: last.id }), 'AIOS_NOT_FOUND')
    }
    const next = await add({ namespace: 'one', content: 'new' })
    check(![kept.id, id, last.id].includes(next.id), `Expected a new id, got ${next.id} again.`)
  },
}

const restartKeyed: MemoryCase = {
  name: 'knows the keys of calls after a restart on the same store',
  reopens: true,
  async run(memory) {
    const { keyed, reopen } = memory
    const add = async (content: string): Promise<string> => (await keyed('run/1').add({ namespace: 'one', content })).id
    const id = await add('apple')
    await reopen()
    check((await add('apple')) === id, 'Expected the same note for the same call.')
    await reopen()
    check((await add('apple and pear')) === id, 'Expected the same note for the same call.')
    check((await contents(memory, 'apple')) === 'apple and pear', 'Expected one note.')
  },
}

/** Holds the cases about calls that come again, and about drivers that do. */
export const repetitionCases: readonly MemoryCase[] = [
  sameCall,
  removedOnce,
  otherWords,
  otherRuns,
  forgotten,
  restart,
  restartKeyed,
]
