import { createKernel, ramRecords, type Agent } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../sampling/seeded-random.js'
import { row, testBed } from '../../test-bed.js'

const LEAST = Number.MIN_SAFE_INTEGER
const MOST = Number.MAX_SAFE_INTEGER

describe('random.next', () => {
  it('returns the numbers of the port of the kernel', async () => {
    const numbers = [0.25, 0.5, 0.75]
    const sys = (await testBed({ random: () => numbers.shift() ?? 0 })).sys()
    expect([await sys.random.next(), await sys.random.next(), await sys.random.next({})]).toEqual([0.25, 0.5, 0.75])
  })

  it('costs nothing of a budget of calls', async () => {
    const kernel = await testBed()
    const sys = kernel.sys({ budget: { calls: 1 } })
    await sys.random.next()
    await sys.random.int({ min: 1, max: 6 })
    await sys.random.bytes({ length: 1 })
    await sys.random.uuid()
    expect(row(kernel, sys.pid).usage.calls).toBe(0)
  })
})

describe('random.int', () => {
  it('reaches both bounds and nothing beyond', async () => {
    const lowest = (await testBed({ random: () => 0 })).sys()
    const highest = (await testBed({ random: () => 1 - 2 ** -53 })).sys()
    for (const [min, max] of [
      [1, 6],
      [-3, -3],
      [LEAST, MOST],
      [0, 2 ** 40],
    ] as const) {
      expect(await lowest.random.int({ min, max })).toBe(min)
      expect(await highest.random.int({ min, max })).toBe(max)
    }
  })

  it('draws each number about as often', async () => {
    const sys = (await testBed({ random: seededRandom(7) })).sys()
    const counts = new Map<number, number>()
    for (let throws = 0; throws < 6_000; throws += 1) {
      const eyes = await sys.random.int({ min: 1, max: 6 })
      counts.set(eyes, (counts.get(eyes) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6])
    // Five standard deviations of a binomial with 6,000 throws and a chance of one in six.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(145)
  })

  it('refuses a range that is none', async () => {
    const sys = (await testBed()).sys()
    for (const request of [{ min: 2, max: 1 }, { min: 0.5, max: 1 }, { min: 0, max: 2 ** 53 }, { min: 0 }, {}])
      await expect(sys.random.int(request as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
  })
})

describe('random.uuid', () => {
  it('returns a UUID of version 4 made from the port of the kernel', async () => {
    const zeros = (await testBed({ random: () => 0 })).sys()
    const ones = (await testBed({ random: () => 1 - 2 ** -33 })).sys()
    expect(await zeros.random.uuid()).toBe('00000000-0000-4000-8000-000000000000')
    expect(await ones.random.uuid()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
    const sys = (await testBed()).sys()
    expect(await sys.random.uuid()).not.toBe(await sys.random.uuid())
  })
})

describe('random.bytes', () => {
  it('returns as many as were asked for', async () => {
    const words = [0x04030201, 0x0000_0605]
    const sys = (await testBed({ random: () => (words.shift() ?? 0) / 2 ** 32 })).sys()
    expect(await sys.random.bytes({ length: 6 })).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6))
    expect(await sys.random.bytes({ length: 65_536 })).toHaveLength(65_536)
    for (const length of [0, 65_537, 1.5])
      await expect(sys.random.bytes({ length })).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
  })
})

describe('chance in a journalled run', () => {
  it('comes out the same in the next life of the run', async () => {
    const records = ramRecords()
    const drawn: unknown[] = []
    let stuck = true
    let arrived: (() => void) | undefined
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const gambler: Agent<undefined, unknown> = async (sys) => {
      const { random } = sys
      drawn.push([await random.next(), await random.int({ min: 1, max: MOST }), await random.uuid()])
      drawn.push(await random.bytes({ length: 8 }))
      arrived?.()
      if (stuck) await new Promise(() => undefined)
      return 'done'
    }
    const before = await createKernel({ records, journal: true })
    before.run(gambler, undefined, { runId: 'g' }).catch(() => undefined)
    await there
    await before.close()
    stuck = false
    const after = await createKernel({ records, journal: true })
    expect(await after.run(gambler, undefined, { runId: 'g' })).toBe('done')
    expect(drawn.slice(2)).toEqual(drawn.slice(0, 2))
    await after.close()
  })
})
