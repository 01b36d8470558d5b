import { hybrid, leastAttained } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServedLane } from './served-lane.js'

const numRuns = 300 * Number(process.env['AIOS_FUZZ'] ?? 1)
const LONG = { inputTokens: 0, outputTokens: 5_000, runMs: 1_000 }
const SHORT = { inputTokens: 100, outputTokens: 10, runMs: 10 }

describe.each([leastAttained, hybrid])('%o', (policy) => {
  it('serves what was served least before what was served much, whoever came first', () => {
    const lane = new ServedLane(policy())
    const [long, short] = [lane.spawn({ name: 'long' }), lane.spawn({ name: 'short' })]
    lane.ask(long, LONG, 3)
    expect(lane.order(1)).toEqual(['long'])
    lane.ask(short, SHORT, 3)
    expect(lane.order(5)).toEqual(['short', 'short', 'short', 'long', 'long'])
  })

  it('serves trees of one level in order of arrival', () => {
    const lane = new ServedLane(policy())
    const [a, b] = [lane.spawn({ name: 'a' }), lane.spawn({ name: 'b' })]
    for (const owner of [a, a, b, a, b]) lane.ask(owner, SHORT)
    expect(lane.order(5)).toEqual(['a', 'a', 'b', 'a', 'b'])
  })

  it('never takes a program with a long past for a short one, whatever its calls are like', () => {
    const call = fc.record({ inputTokens: fc.nat(4_000), outputTokens: fc.nat(2_000) })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 40 }), fc.array(call, { maxLength: 40 }), (one, other) => {
        const lane = new ServedLane(policy({ promoteAfter: Infinity, ageingMs: Infinity }))
        const service = (calls: typeof one) =>
          calls.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + 4 * outputTokens, 0)
        const [a, b] = [lane.spawn(), lane.spawn()]
        for (const each of one) lane.serveAtOnce(a, each)
        for (const each of other) lane.serveAtOnce(b, each)
        const level = (calls: typeof one) => Math.floor(Math.log2(1 + service(calls) / 1_000))
        const [first] = [...lane.ask(a), ...lane.ask(b)]
        const expected = level(other) < level(one) ? b : first!.owner
        expect(lane.serve()!.owner).toBe(expected)
      }),
      { numRuns },
    )
  })

  it('counts over the whole tree: a hundred agents of one root look as long as they are together', () => {
    const lane = new ServedLane(policy())
    const hog = lane.spawn({ name: 'hog' })
    for (let n = 0; n < 100; n += 1) {
      const child = lane.spawn({ name: 'hog', parent: hog })
      lane.serveAtOnce(child, SHORT)
      lane.end(child)
    }
    lane.ask(lane.spawn({ name: 'hog', parent: hog }), SHORT)
    lane.ask(lane.spawn({ name: 'single' }), SHORT)
    expect(lane.order(2)).toEqual(['single', 'hog'])
  })

  it('goes on counting for a detached agent whose root has ended', () => {
    const lane = new ServedLane(policy())
    const root = lane.spawn({ name: 'root' })
    const detached = lane.spawn({ name: 'detached', parent: root })
    lane.serveAtOnce(root, LONG)
    lane.end(root)
    lane.ask(detached, SHORT)
    lane.ask(lane.spawn({ name: 'new' }), SHORT)
    expect(lane.order(2)).toEqual(['new', 'detached'])
  })

  it('gives a tree of twice the weight twice the service before it counts as long', () => {
    const lane = new ServedLane(policy())
    const [light, heavy] = [lane.spawn({ name: 'light' }), lane.spawn({ name: 'heavy', weight: 4 })]
    for (const owner of [light, heavy]) {
      lane.serveAtOnce(owner, { inputTokens: 2_000 })
      lane.ask(owner, SHORT)
    }
    expect(lane.order(2)).toEqual(['heavy', 'light'])
  })

  it('serves a long program that has waited promoteAfter times what it ran, and then begins to count anew', () => {
    const lane = new ServedLane(policy({ promoteAfter: 2, ageingMs: Infinity }))
    const long = lane.spawn({ name: 'long' })
    lane.serveAtOnce(long, LONG)
    lane.ask(long, LONG, 2)
    const shorts = Array.from({ length: 400 }, () => lane.spawn({ name: 'short' }))
    for (const owner of shorts) lane.ask(owner, SHORT)
    const order = lane.order(400)
    // It ran for a second: after two seconds of waiting, which are 200 short calls, it goes first. Then it has run another
    // second, and two have passed when it has waited 100 short calls more.
    expect(order.flatMap((name, at) => (name === 'long' ? [at] : []))).toEqual([200, 301])
  })

  it('corrects what it counted by what the core reports', () => {
    const lane = new ServedLane(policy())
    const [over, fair] = [lane.spawn({ name: 'overestimated' }), lane.spawn({ name: 'fair' })]
    const task = lane.make(over, { inputTokens: 100_000 })
    lane.policy.started!(task, 0)
    lane.policy.served!(task, { inputTokens: -99_900, outputTokens: 0 }, 0)
    lane.policy.settled!(task, 0)
    lane.serveAtOnce(fair, { inputTokens: 3_000 })
    lane.ask(fair, SHORT)
    lane.ask(over, SHORT)
    expect(lane.order(2)).toEqual(['overestimated', 'fair'])
  })

  it.each([[{ promoteAfter: 0 }], [{ promoteAfter: NaN }], [{ outputWeight: -4 }], [{ levels: 3 }]])(
    'refuses %o',
    (options) => {
      expect(() => policy(options as never)).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }))
    },
  )
})
