import type { RecordRange } from '../../record/record-store.js'
import { check } from '../conformance.js'
import {
  bytesOf,
  checkEqual,
  checkKeys,
  collect,
  hexOf,
  keyOf,
  type RecordCase,
  type RecordGround,
} from './record-ground.js'

const COUNT = 40

async function filled({ store }: RecordGround, count: number): Promise<void> {
  await store.batch(
    Array.from({ length: count }, (_, at) => ({ op: 'put', space: 'a', key: keyOf(at * 2), value: bytesOf(`${at}`) })),
  )
}

const bounds: RecordCase = {
  name: 'keeps to the bounds, the direction and the limit of a range',
  async run(ground) {
    await filled(ground, COUNT)
    const all = Array.from({ length: COUNT }, (_, at) => at * 2)
    const ask = async (from: number | undefined, to: number | undefined, more: RecordRange = {}): Promise<void> => {
      const inside = all.filter((at) => at >= (from ?? 0) && at < (to ?? 1_000))
      const wanted = (more.reverse === true ? inside.reverse() : inside).slice(0, more.limit)
      const range = {
        ...more,
        ...(from === undefined ? {} : { from: keyOf(from) }),
        to: to === undefined ? to : keyOf(to),
      }
      checkKeys(
        await collect(ground.store.range('a', range)),
        wanted.map(keyOf),
        `from ${from} to ${to}, ${JSON.stringify(more)}`,
      )
    }
    const options: RecordRange[] = [{}, { reverse: true }, { limit: 1 }, { limit: 7, reverse: true }, { limit: 1_000 }]
    for (const more of options) {
      await ask(undefined, undefined, more)
      for (const edge of [0, 1, 20, 21, 78, 79, 90]) {
        await ask(edge, undefined, more)
        await ask(undefined, edge, more)
        await ask(20, edge, more)
        await ask(21, edge, more)
      }
    }
  },
}

const large: RecordCase = {
  name: 'iterates over many records in order, forwards and backwards',
  async run(ground) {
    await filled(ground, 5_000)
    for (const reverse of [false, true]) {
      let seen = 0
      for await (const { key } of ground.store.range('a', { reverse })) {
        const wanted = keyOf((reverse ? 4_999 - seen : seen) * 2)
        check(hexOf(key) === hexOf(wanted), `Expected key ${hexOf(wanted)} as number ${seen}, got ${hexOf(key)}.`)
        seen += 1
      }
      checkEqual(seen, 5_000, 'number of records')
    }
  },
}

const whileWritten: RecordCase = {
  name: 'returns what is there all the while exactly once and in order, whatever is written meanwhile',
  async run(ground) {
    const { store } = ground
    const count = 1_000
    for (const reverse of [false, true]) {
      await filled(ground, count)
      const seen: number[] = []
      const writes: Promise<unknown>[] = []
      for await (const { key, value } of store.range('a', { reverse })) {
        const at = Number(Buffer.from(key).toString('latin1').slice(4))
        seen.push(at)
        check(value.byteLength > 0, 'Expected a value that was put.')
        // Multiples of 6 stay as they are; the others are overwritten, removed and added behind and before the reader.
        if (seen.length % 3 > 0) continue
        const near = (at + 2 * (seen.length % 5) - 4 + count * 2) % (count * 2)
        if (near % 6 > 0) writes.push(store.remove('a', keyOf(near)))
        writes.push(store.put('a', keyOf(near + 1), bytesOf('odd')))
        if (near % 6 > 0 && near % 4 === 0) writes.push(store.put('a', keyOf(near), bytesOf('again')))
        if (seen.length % 90 === 0) await Promise.all(writes.splice(0))
      }
      await Promise.all(writes)
      const inOrder = reverse ? seen.toReversed() : seen
      check(
        inOrder.every((at, index) => index === 0 || at > (inOrder[index - 1] as number)),
        'Expected every key once and in order.',
      )
      const stayed = inOrder.filter((at) => at % 6 === 0)
      checkEqual(stayed.length, Math.ceil(count / 3), 'number of records that were there all the while')
      for await (const { key } of store.range('a')) await store.remove('a', key)
    }
  },
}

const left: RecordCase = {
  name: 'gives a range back that is left early, and goes on working',
  async run(ground) {
    await filled(ground, COUNT)
    for (let round = 0; round < 300; round += 1) {
      for await (const { key } of ground.store.range('a')) {
        check(hexOf(key) === hexOf(keyOf(0)), 'Expected the first key.')
        break
      }
      // One that was never begun must cost nothing either.
      ground.store.range('a')
      ground.store.export()
    }
    await ground.store.put('a', keyOf(0), bytesOf('new'))
    checkEqual((await collect(ground.store.range('a'))).length, COUNT, 'number of records')
  },
}

/** Are the cases of `range`. */
export const rangeCases: readonly RecordCase[] = [bounds, large, whileWritten, left]
