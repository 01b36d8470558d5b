import { describe, expect, it } from 'vitest'
import { chooseClass, ClassBitmap } from '../../../../packages/kernel/src/scheduler/policies/class-bitmap.js'

function bitmapOf(...classes: readonly number[]): ClassBitmap {
  const bitmap = new ClassBitmap()
  for (const each of classes) bitmap.add(each)
  return bitmap
}

describe('the classes that hold tasks', () => {
  it('have a highest, or none', () => {
    expect([bitmapOf().highest(), bitmapOf(0).highest(), bitmapOf(2, 7, 5).highest()]).toEqual([-1, 0, 7])
  })

  it('are known one by one, and forgotten one by one', () => {
    const bitmap = bitmapOf(2, 5)
    expect([bitmap.has(2), bitmap.has(3), bitmap.has(5)]).toEqual([true, false, true])
    bitmap.delete(5)
    bitmap.delete(4)
    expect([bitmap.has(2), bitmap.has(5), bitmap.highest()]).toEqual([true, false, 2])
  })

  it('are single when at most one is there', () => {
    expect([bitmapOf(), bitmapOf(4), bitmapOf(4, 1)].map((bitmap) => bitmap.single())).toEqual([true, true, false])
  })
})

describe('the class to serve', () => {
  /** Chooses among classes whose oldest task began to wait at the given time. */
  const choose = (oldest: Readonly<Record<number, number>>, now: number, ms = 10): number =>
    chooseClass(bitmapOf(...Object.keys(oldest).map(Number)), (priority) => oldest[priority]!, { now, ms })

  it('is none when there is no task', () => {
    expect(choose({}, 100)).toBe(-1)
  })

  it('is the highest while nothing has aged past it', () => {
    expect(choose({ 0: 0, 3: 0, 5: 9 }, 9)).toBe(5)
  })

  it('is a lower one whose oldest task has risen above it', () => {
    expect(choose({ 3: 0, 5: 15 }, 19)).toBe(5)
    expect(choose({ 3: 0, 5: 30 }, 30)).toBe(3)
  })

  it('is, where they are equal, the one whose oldest task has waited longer', () => {
    expect(choose({ 3: 0, 5: 20 }, 20)).toBe(3)
    expect(choose({ 3: 20, 5: 20 }, 20)).toBe(5)
    expect(choose({ 2: 10, 3: 0, 7: 200 }, 100)).toBe(3)
  })

  it('is never one that rose by not waiting at all', () => {
    expect(choose({ 3: 100, 5: 100 }, 0)).toBe(5)
  })

  it('does not count how far beyond the top a task has risen', () => {
    expect(choose({ 0: 1_000, 7: 0 }, 100_000)).toBe(7)
    expect(choose({ 0: 0, 7: 1_000 }, 100_000)).toBe(0)
  })

  it('is always the highest where nothing ages', () => {
    expect(choose({ 0: 0, 7: 1e9 }, 1e12, Infinity)).toBe(7)
  })
})
