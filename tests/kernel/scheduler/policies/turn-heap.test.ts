import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TurnHeap, type Turn } from '../../../../packages/kernel/src/scheduler/policies/turn-heap.js'

const numRuns = 200 * Number(process.env['AIOS_FUZZ'] ?? 1)

const operation = fc.record({
  verb: fc.constantFrom('push', 'push', 'pop', 'remove', 'move'),
  key: fc.constantFrom(-Infinity, -1, 0, 0, 1, 2.5, 7, Infinity),
  which: fc.nat(999),
})

it('has the least first after whatever came, moved and went', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), (operations) => {
      const heap = new TurnHeap<Turn>()
      let model: Turn[] = []
      const sorted = () => model.sort((a, b) => (a.key === b.key ? a.tie - b.tie : a.key < b.key ? -1 : 1))
      for (const [tie, { verb, key, which }] of operations.entries()) {
        const turn = verb === 'pop' ? sorted()[0] : model[which % Math.max(1, model.length)]
        if (verb === 'push') {
          const made = { key, tie, at: -1 }
          model.push(made)
          heap.push(made)
        } else if (turn !== undefined && verb === 'move') {
          turn.key = key
          heap.moved(turn)
        } else if (turn !== undefined) {
          heap.remove(turn)
          expect(turn.at).toBe(-1)
          model = model.filter((each) => each !== turn)
        }
        expect([heap.size, heap.first]).toEqual([model.length, sorted()[0]])
      }
    }),
    { numRuns },
  )
})
