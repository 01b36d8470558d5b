import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SetAside, type Gate } from '../../../packages/kernel/src/limiter/set-aside.js'

interface Item {
  readonly id: number
  readonly size: number
}

/** Is a limit that lets go what is at most as large as the room there is. */
class Room implements Gate<Item> {
  readonly left: Item[]
  room = 0

  constructor(sizes: readonly number[]) {
    this.left = sizes.map((size, id) => ({ id, size }))
  }

  next(): Item | undefined {
    return this.left.shift()
  }

  reserve({ size }: Item): number {
    return size <= this.room ? 0 : size - this.room
  }
}

/** Takes while something may go; returns the ids. */
function takeAll(asides: SetAside<Item>, gate: Room): number[] {
  const ids: number[] = []
  for (let choice = asides.take(gate); choice.item !== undefined; choice = asides.take(gate)) ids.push(choice.item.id)
  return ids
}

describe('SetAside', () => {
  it('keeps the order while everything fits', () => {
    const [asides, gate] = [new SetAside<Item>(), new Room([3, 1, 2])]
    gate.room = 3
    expect(takeAll(asides, gate)).toEqual([0, 1, 2])
    expect(asides.take(gate)).toEqual({ waitMs: Number.POSITIVE_INFINITY })
  })

  it('lets up to eight calls that fit pass one that does not, and then none', () => {
    const [asides, gate] = [new SetAside<Item>(), new Room([5, ...Array<number>(20).fill(1)])]
    gate.room = 1
    expect(takeAll(asides, gate)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(asides.take(gate)).toEqual({ waitMs: 4 })
    gate.room = 5
    expect(takeAll(asides, gate)[0]).toBe(0)
    expect(gate.left).toEqual([])
  })

  it('sets up to eight aside, and leaves the others to the policy', () => {
    const [asides, gate] = [new SetAside<Item>(), new Room([...Array<number>(10).fill(5), 1])]
    gate.room = 1
    expect(takeAll(asides, gate)).toEqual([])
    expect([asides.size, gate.left.length]).toEqual([8, 3])
  })

  it('says how soon the first of those that may go will fit', () => {
    const [asides, gate] = [new SetAside<Item>(), new Room([9, 4, 7])]
    expect(asides.take(gate)).toEqual({ waitMs: 4 })
    gate.room = 4
    expect(takeAll(asides, gate)).toEqual([1])
    expect(asides.take(gate)).toEqual({ waitMs: 3 })
  })

  it('counts those set aside that pass earlier ones', () => {
    const [asides, gate] = [new SetAside<Item>(), new Room([9, 2, ...Array<number>(20).fill(1)])]
    gate.room = 1
    expect(takeAll(asides, gate)).toHaveLength(8)
    gate.room = 2
    expect(takeAll(asides, gate)).toEqual([])
  })

  it('lets go of one that is given up, and so of its place', () => {
    const [asides, gate] = [new SetAside<Item>(), new Room([5, ...Array<number>(9).fill(1)])]
    const head = gate.left[0]!
    gate.room = 1
    expect(takeAll(asides, gate)).toHaveLength(8)
    expect(asides.remove(head)).toBe(true)
    expect(asides.remove(head)).toBe(false)
    expect(takeAll(asides, gate)).toEqual([9])
  })

  it('loses nothing, sends nothing twice, and lets at most eight pass any call, whatever fits when', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 60 })
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 40 }), (given, rooms) => {
        const [asides, gate] = [new SetAside<Item>(), new Room(given)]
        const sent: number[] = []
        for (const room of [...rooms, 10]) {
          gate.room = room
          sent.push(...takeAll(asides, gate))
          expect(asides.size).toBeLessThanOrEqual(8)
        }
        expect([...sent].sort((a, b) => a - b)).toEqual(given.map((_, id) => id))
        for (const [place, id] of sent.entries())
          expect(sent.slice(0, place).filter((earlier) => earlier > id).length).toBeLessThanOrEqual(8)
      }),
    )
  })
})
