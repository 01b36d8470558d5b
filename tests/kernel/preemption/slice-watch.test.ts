import { describe, expect, it } from 'vitest'
import { fifo, type PolicyDefinition, type Slice } from '@aios/kernel'
import type { CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel/driver'
import { createTestKernel } from '@aios/kernel/testing'
import { ASK, spoken } from '../syscall/cores.js'

/** A core that says four words, one each 100 ms, and goes on wherever it is cut. */
function slowCore(): LlmDriver {
  const words = [' one', ' two', ' three', ' four']
  let clock: Parameters<NonNullable<LlmDriver['open']>>[0]['clock'] | undefined
  const said = new Map<number, number>()
  async function* from(n: number, call: DriverCall): AsyncGenerator<StreamPart> {
    for (const part of spoken(...words.slice(n))) {
      if (part.type === 'text-delta') {
        await new Promise<void>((resolve) => clock?.after(100, resolve))
        said.set(call.id, words.indexOf(part.text) + 1)
      }
      yield part
    }
  }
  return {
    kind: 'llm',
    id: 'slow',
    model: 'slow',
    resume: 'state',
    limits: { concurrency: 1 },
    open: (services) => {
      clock = services.clock
    },
    stream: (_: CoreRequest, call) => from(0, call),
    save: ({ id }) => said.get(id),
    restore: (state, _, call) => from(state as number, call),
  }
}

/** Notes for which slices it is asked. */
function curious(quantumMs: number | undefined, preempts: (slice: Slice) => boolean) {
  const asked: Slice[] = []
  const definition: PolicyDefinition = {
    name: 'curious',
    create: (lane) =>
      Object.assign(fifo().create(lane), {
        quantumMs,
        preempts: (_: unknown, slice: Slice) => {
          asked.push(slice)
          return preempts(slice)
        },
      }),
  }
  return { asked, definition }
}

describe('a lane with slices', () => {
  it('asks the policy about no call while nobody waits', async () => {
    const { asked, definition } = curious(50, () => true)
    await using kernel = await createTestKernel({ llm: slowCore(), policies: { llm: definition } })
    const one = kernel.sys().llm.chat(ASK)
    await kernel.clock.runAll()
    await one
    expect(asked).toEqual([])
  })

  it('asks as the output grows and when the quantum is over, but not before the first token', async () => {
    const { asked, definition } = curious(150, () => false)
    await using kernel = await createTestKernel({ llm: slowCore(), policies: { llm: definition } })
    const both = Promise.all([kernel.sys().llm.chat(ASK), kernel.sys().llm.chat(ASK)])
    await kernel.clock.advance(160)
    expect(asked.map(({ ms }) => ms)).toEqual([100, 150])
    expect(asked.every(({ outputTokens }) => outputTokens > 0)).toBe(true)
    await kernel.clock.runAll()
    await both
  })

  it('leaves no alarm behind when those who waited have gone', async () => {
    const { definition } = curious(10_000, () => false)
    await using kernel = await createTestKernel({ llm: slowCore(), policies: { llm: definition } })
    const one = kernel.sys().llm.chat(ASK)
    const two = kernel.sys().llm.chat(ASK, { deadlineMs: 50 })
    const refused = expect(two).rejects.toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED' })
    await kernel.clock.advance(60)
    await refused
    await kernel.clock.advance(400)
    await one
    expect(kernel.clock.pending).toBe(0)
  })

  it('leaves no alarm behind when the call ended within its slice', async () => {
    const { definition } = curious(10_000, () => false)
    await using kernel = await createTestKernel({ llm: slowCore(), policies: { llm: definition } })
    const both = Promise.all([kernel.sys().llm.chat(ASK), kernel.sys().llm.chat(ASK)])
    await kernel.clock.advance(900)
    await both
    expect(kernel.clock.pending).toBe(0)
  })

  it('cuts as many calls as wait, and no more', async () => {
    let lateIsOn = false
    const { definition } = curious(undefined, () => !lateIsOn)
    const llm = { ...slowCore(), limits: { concurrency: 3 } }
    await using kernel = await createTestKernel({ llm, policies: { llm: definition } })
    const running = [1, 2, 3].map(() => kernel.sys().llm.chat(ASK))
    let cuts = 0
    kernel.on('syscall:preempted', () => (cuts += 1))
    const late = kernel.sys().llm.chat(ASK)
    kernel.on('syscall:started', () => (lateIsOn = true))
    await kernel.clock.advance(110)
    expect(cuts).toBe(1)
    await kernel.clock.runAll()
    const texts = (await Promise.all([...running, late])).map(({ text }) => text)
    expect(new Set(texts)).toEqual(new Set([' one two three four']))
  })
})
