import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, type Agent } from '@aios/kernel'
import { JsonCheck } from '../../../packages/kernel/src/journal/json-check.js'
import { capture, digestOf, restored } from '../../../packages/kernel/src/journal/value-codec.js'

/** Makes a value of few objects that stand at two to the power of `levels` places. */
function graph(levels: number): unknown {
  let node: unknown = { leaf: true }
  for (let level = 0; level < levels; level += 1) node = { left: node, right: node }
  return node
}

const passes = (value: unknown): boolean => new JsonCheck().passes(value)

describe('what JSON gives back exactly', () => {
  it('is plain data, also where an object stands at two places', () => {
    const shared = { a: [1, 'x', null, true] }
    for (const value of [shared, [shared, shared], graph(5), Array.from({ length: 50_000 }, (_, n) => [n])])
      expect(passes(value)).toBe(true)
    for (const value of [
      undefined,
      [undefined],
      -0,
      Number.NaN,
      5n,
      new Date(0),
      new Array(2),
      { toJSON: 1 },
      new Map(),
    ])
      expect(passes(value)).toBe(false)
  })

  it('is no value whose objects stand at more places than there is room for', () => {
    for (const levels of [16, 40, 60]) expect(passes(graph(levels))).toBe(false)
  })

  it('has the digest that it has where it is kept otherwise', () => {
    expect(digestOf(capture([graph(3), graph(14)]))).toBe(
      digestOf(capture(JSON.parse(JSON.stringify([graph(3), graph(14)])))),
    )
  })
})

it('An agent may return, send and be given a graph of shared objects', async () => {
  const records = ramRecords()
  const kernel = await createKernel({ records, journal: true })
  const child: Agent<unknown, unknown> = async (sys, input) => [input, (await sys.agent.receive()).message]
  const agent: Agent<unknown, unknown> = async (sys) => {
    const { pid } = await sys.agent.spawn({ agent: child, input: graph(40) })
    await sys.agent.send({ to: pid, message: graph(40) })
    await sys.agent.wait({ pid })
    return graph(40)
  }
  const value = (await kernel.run(agent, 'x', { runId: 'r' })) as { readonly left: unknown; readonly right: unknown }
  expect(value.left).toBe(value.right)
  const { lines } = await kernel.readRun('r')
  const end = lines.at(-1)
  const kept = end?.kind === 'end' ? (restored(end.result) as typeof value) : undefined
  expect(kept?.left).toBe(kept?.right)
  await kernel.close()
})
