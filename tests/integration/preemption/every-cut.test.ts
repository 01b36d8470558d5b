import { describe, expect, it } from 'vitest'
import { fifo, type LlmDriver, type PolicyDefinition } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { tokenEngine } from '@aios/llm/testing'
import { ask, heard, inPieces, textOf } from './ground.js'

/** Is a policy that ends every slice after so many tokens. */
function slicesOf(tokens: number): PolicyDefinition {
  return {
    name: 'slicesOf',
    create: (lane) =>
      Object.assign(fifo().create(lane), {
        preempts: (_: unknown, slice: { outputTokens: number }) => slice.outputTokens >= tokens,
      }),
  }
}

const ONE = ask('Tell me of the kernel.')
const TWO = ask('Tell me of the queue, and then of the slot.')

/** Lets two answers cut each other; returns their texts and how often they were cut. */
async function contest(core: LlmDriver, tokens: number): Promise<{ texts: readonly string[]; cuts: number }> {
  await using kernel = await createTestKernel({ llm: core, policies: { llm: slicesOf(tokens) } })
  const events = recordEvents(kernel, 'syscall:preempted')
  const [one, two] = await Promise.all([
    heard(kernel.sys({ name: 'one' }).llm.stream(ONE)),
    kernel.sys({ name: 'two' }).llm.chat(TWO),
  ])
  expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0 })
  return { texts: [textOf(one), two.text], cuts: events.names.length }
}

describe('an answer that was cut is byte for byte the one that was not', () => {
  const engine = (resume: 'state' | 'prefix') => tokenEngine({ resume, tokens: 48, limits: { concurrency: 1 } })

  it('on a core that saves its state, wherever it is cut', async () => {
    for (let tokens = 1; tokens <= 48; tokens += 1) {
      const core = engine('state')
      const { texts, cuts } = await contest(core, tokens)
      expect(texts).toEqual([core.answerTo(ONE), core.answerTo(TWO)])
      expect(cuts).toBeGreaterThan(0)
    }
  })

  it('on a core that goes on from text, wherever it is cut', async () => {
    let cuts = 0
    for (let tokens = 1; tokens <= 48; tokens += 1) {
      const core = engine('prefix')
      const contested = await contest(core, tokens)
      expect(contested.texts).toEqual([core.answerTo(ONE), core.answerTo(TWO)])
      cuts += contested.cuts
    }
    expect(cuts).toBeGreaterThan(100)
  })

  it.each([1, 2, 3, 7])('on a core that speaks in pieces of %i characters, wherever it is cut', async (units) => {
    let cuts = 0
    for (let tokens = 1; tokens <= 48; tokens += 1) {
      const core = engine('prefix')
      const contested = await contest(inPieces(core, units), tokens)
      expect(contested.texts).toEqual([core.answerTo(ONE), core.answerTo(TWO)])
      cuts += contested.cuts
    }
    expect(cuts).toBeGreaterThan(100)
  })
})
