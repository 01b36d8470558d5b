import type { LlmDriver, ProcessLimits, SpawnOptions } from '@aios/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { reply, watch, type Watched } from '../fake-drivers.js'
import { start, startChild, testBed } from '../test-bed.js'

/** Calls cost one input token for four characters, besides one for the message, and all their output. */
const OUTPUT = 20

interface Sent {
  readonly at: number
  readonly pid: number
  readonly tokens: number
  endedAt: number
}

const limits = fc.record(
  {
    concurrency: fc.integer({ min: 1, max: 3 }),
    rpm: fc.integer({ min: 2, max: 12 }),
    tpm: fc.integer({ min: 200, max: 800 }),
    burst: fc.constantFrom(1 / 60, 1 / 6, 1),
  },
  { requiredKeys: [] },
)
const asks = fc.array(
  fc.record({
    gapMs: fc.integer({ min: 0, max: 8_000 }),
    from: fc.integer({ min: 0, max: 3 }),
    tokens: fc.integer({ min: 1, max: 100 }),
    deadlineMs: fc.option(fc.integer({ min: 1, max: 60_000 }), { nil: undefined, freq: 6 }),
    suspends: fc.boolean(),
  }),
  { minLength: 5, maxLength: 40 },
)

/** Says the most that a window of 60 seconds holds of an amount, and the most calls at once. */
function most(sent: readonly Sent[], limited: readonly number[]) {
  const mine = sent.filter(({ pid }) => limited.includes(pid))
  let [requests, tokens, once] = [0, 0, 0]
  for (const { at } of mine) {
    const window = mine.filter((each) => each.at > at - 60_000 && each.at <= at)
    requests = Math.max(requests, window.length)
    tokens = Math.max(
      tokens,
      window.reduce((sum, each) => sum + each.tokens, 0),
    )
    once = Math.max(once, mine.filter((each) => each.at <= at && each.endedAt > at).length)
  }
  return { requests, tokens, once }
}

function expectWithin(found: ReturnType<typeof most>, given: ProcessLimits): void {
  expect(found.requests).toBeLessThanOrEqual(given.rpm ?? Number.POSITIVE_INFINITY)
  expect(found.tokens).toBeLessThanOrEqual(given.tpm ?? Number.POSITIVE_INFINITY)
  expect(found.once).toBeLessThanOrEqual(given.concurrency ?? Number.POSITIVE_INFINITY)
}

async function world(tenant: ProcessLimits, core: ProcessLimits) {
  const sent: Sent[] = []
  const llm: LlmDriver = {
    ...{ kind: 'llm', id: 'main', model: 'm', maxOutputTokens: OUTPUT },
    limits: { concurrency: 50, ...core },
    estimate: (request) => (request.messages[0]!.content as string).length / 4 + 1,
    chat: (request, call) =>
      new Promise((resolve, reject) => {
        const tokens = (request.messages[0]!.content as string).length / 4 + 1
        const entry = { at: kernel.clock.now(), pid: call.pid, tokens: tokens + OUTPUT, endedAt: Infinity }
        sent.push(entry)
        call.signal.addEventListener('abort', () => {
          // A result that is held for a suspended process can still be given up, when its call has long been over.
          entry.endedAt = Math.min(entry.endedAt, kernel.clock.now())
          reject(call.signal.reason as Error)
        })
        kernel.clock.after(100 * tokens, () => {
          entry.endedAt = Math.min(entry.endedAt, kernel.clock.now())
          resolve(reply(tokens, OUTPUT))
        })
      }),
  }
  const kernel = await testBed({ llm, tenants: { free: { limits: tenant } } })
  return { kernel, sent }
}

const chat = (tokens: number) => ({
  messages: [{ role: 'user' as const, content: 'x'.repeat(4 * tokens) }],
  maxOutputTokens: OUTPUT,
})

it('no window of any limit is ever exceeded, and every call ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(limits, limits, limits, limits), asks, async (given, calls) => {
      const [tenant, core, parentLimits, childLimits] = given
      const { kernel, sent } = await world(tenant, core)
      const options: SpawnOptions = { tenant: 'free' }
      const parent = await start(kernel, { ...options, limits: parentLimits })
      const child = await startChild(kernel, parent.sys, { limits: childLimits })
      const other = await start(kernel, options)
      const stranger = await start(kernel)
      const agents = [parent, child, other, stranger]
      const watched: Watched[] = []
      for (const { gapMs, from, tokens, deadlineMs, suspends } of calls) {
        watched.push(watch(agents[from]!.sys.llm.chat(chat(tokens), deadlineMs === undefined ? {} : { deadlineMs })))
        if (suspends) parent.process.suspend()
        await kernel.clock.advance(gapMs)
        parent.process.resume()
      }
      await kernel.clock.advance(60 * 60_000)
      expect(new Set(watched.map(({ state }) => state))).not.toContain('pending')
      expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
      expect(kernel.clock.pending).toBe(0)
      const pids = { parent: parent.process.pid, child: child.pid, other: other.process.pid }
      expectWithin(most(sent, [pids.child]), childLimits)
      expectWithin(most(sent, [pids.child, pids.parent]), parentLimits)
      expectWithin(most(sent, [pids.child, pids.parent, pids.other]), tenant)
      expectWithin(most(sent, [pids.child, pids.parent, pids.other, stranger.process.pid]), {
        ...core,
        concurrency: core.concurrency ?? 50,
      })
    }),
    { numRuns: 150 },
  )
}, 120_000)

it('another agent waits as long as it does without the limited one', async () => {
  await fc.assert(
    fc.asyncProperty(limits, asks, async (given, calls) => {
      const waits = async (withLimited: boolean): Promise<number[]> => {
        const { kernel, sent } = await world({}, {})
        const free = await start(kernel)
        const limited = await start(kernel, { limits: { rpm: 2, concurrency: 1, ...given } })
        const asked: number[] = []
        for (const { gapMs, from, tokens } of calls) {
          if (from < 2) {
            asked.push(kernel.clock.now())
            void watch(free.sys.llm.chat(chat(tokens)))
          } else if (withLimited) void watch(limited.sys.llm.chat(chat(tokens)))
          await kernel.clock.advance(gapMs)
        }
        const mine = sent.filter(({ pid }) => pid === free.process.pid)
        await kernel.clock.advance(60 * 60_000)
        return mine.map(({ at }, index) => at - asked[index]!)
      }
      expect(await waits(true)).toEqual(await waits(false))
    }),
    { numRuns: 40 },
  )
}, 60_000)
