import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, type Agent, type Kernel, type StreamPart, type SyscallHook } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel/driver'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'

const ASK = { messages: [{ role: 'user' as const, content: 'Tell me of the kernel.' }] }
const TOKENS = 40

interface Life {
  readonly kernel: Kernel
  readonly core: TokenEngine
  readonly clock: VirtualClock
}

async function life(records: RecordStore, resume: 'state' | 'prefix' | 'none', startAt = 0): Promise<Life> {
  const core = tokenEngine({ resume, tokens: TOKENS, tokenMs: 10 })
  const clock = virtualClock(startAt)
  const kernel = await createKernel({ llm: core, records, journal: true, clock })
  return { kernel, core, clock }
}

const chats: Agent<string, string> = async (sys) => (await sys.llm.chat(ASK)).text
const streams: Agent<string, string> = async (sys) => {
  let text = ''
  for await (const part of sys.llm.stream(ASK)) if (part.type === 'text-delta') text += part.text
  return text
}
/** Acts on the first words, so that they cannot be taken back. */
const actsOnIt: Agent<string, string> = async (sys) => {
  let text = ''
  let words = 0
  for await (const part of sys.llm.stream(ASK)) {
    if (part.type !== 'text-delta') continue
    text += part.text
    words += 1
    if (words === 3) await sys.random.next()
  }
  return text
}

/** Is how a run is stopped. */
interface Stop {
  readonly resume: 'state' | 'prefix' | 'none'
  readonly afterMs: number
  readonly suspends: boolean
  /** Sees the answer in both lives. */
  readonly hook?: SyscallHook
}

/** Makes all text upper case. */
const loud: SyscallHook = {
  async *around(_call, next) {
    for await (const part of next() as AsyncIterable<StreamPart>)
      yield part.type === 'text-delta' ? { ...part, text: part.text.toUpperCase() } : part
  },
}

interface Outcome {
  readonly text: string
  readonly whole: string
  /** Tokens generated in the second life. */
  readonly generated: number
}

/** Suspends a run after some milliseconds of its answer, closes its kernel, and lets another one go on with it. */
async function acrossLives(
  agent: Agent<string, string>,
  { resume, afterMs, suspends, hook = {} }: Stop,
): Promise<Outcome> {
  const records = ramRecords()
  const first = await life(records, resume)
  first.kernel.use(hook, 'llm.stream')
  const process = first.kernel.spawn(agent, 'x', { runId: 'r', name: 'teller' })
  process.result.catch(() => undefined)
  await first.clock.settle()
  await first.clock.advance(afterMs)
  if (suspends) process.suspend()
  await first.clock.advance(100)
  await first.kernel.close()
  const second = await life(records, resume, 3_600_000)
  second.kernel.use(hook, 'llm.stream')
  const { processes } = await second.kernel.recover({ agents: { teller: agent } })
  const again = processes[0]
  if (again === undefined) throw new Error('Nothing was recovered.')
  // Each part that was delivered takes a turn of its own.
  for (let turn = 0; turn < 10; turn += 1) await second.clock.settle()
  if (suspends) {
    expect(again.state).toBe('suspended')
    again.resume()
  }
  await second.clock.advance(10_000)
  const text = (await again.result) as string
  await second.kernel.close()
  return { text, whole: second.core.answerTo(ASK), generated: second.core.generated }
}

describe('an answer that was under way when its run stopped', () => {
  for (const [name, agent] of [
    ['in one piece', chats],
    ['streamed', streams],
    ['streamed and acted upon', actsOnIt],
  ] as const) {
    it(`goes on from its saved state, ${name}, without generating again what it had`, async () => {
      for (const afterMs of [55, 155, 305]) {
        const { text, whole, generated } = await acrossLives(agent, { resume: 'state', afterMs, suspends: true })
        expect(text).toBe(whole)
        expect(generated).toBeLessThanOrEqual(TOKENS - Math.floor(afterMs / 10) + 2)
      }
    })

    it(`goes on from its text, ${name}`, async () => {
      for (const afterMs of [55, 155, 305]) {
        const { text, whole } = await acrossLives(agent, { resume: 'prefix', afterMs, suspends: true })
        expect(text).toBe(whole)
      }
    })
  }

  it('passes the hooks with all that was not delivered, also what had been generated', async () => {
    for (const resume of ['state', 'prefix'] as const)
      for (const afterMs of [55, 155, 305]) {
        const { text, whole } = await acrossLives(actsOnIt, { resume, afterMs, suspends: true, hook: loud })
        expect(text).toBe(whole.toUpperCase())
      }
  })

  it('is told again as far as it was told, if the agent acted on it and its core keeps nothing', async () => {
    for (const resume of ['none', 'prefix', 'state'] as const) {
      const { text, whole } = await acrossLives(actsOnIt, { resume, afterMs: 155, suspends: false })
      expect(text).toBe(whole)
    }
  })
})
