import { AiosError, createKernel, type LlmDriver } from '@aios/kernel'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import { rollingProvider } from '../../kernel/limiter/provider.js'
import { seededRandom } from '../../sampling/seeded-random.js'
import { atLeast, atMost, digits, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const LIMITS = { rpm: 600, tpm: 600_000 }
const STEPS = 20
const MINUTE_MS = 60_000

/** Is what came of all programs under one way of asking. */
interface Found {
  readonly name: string
  finished: number
  attempts: number
  refused: number
  /** Tokens that the provider served, by minute. */
  readonly perMinute: number[]
  endedAt: number
}

/** Sends one call and returns when it is answered; rejects when it is given up. */
type Ask = (tokens: number) => Promise<void>

const sizeOf = (program: number, step: number): number => 500 + ((program * 31 + step * 17) % 800)
const share = (part: number, whole: number): string => `${digits((100 * part) / whole)} %`

/** Is a provider that enforces its limits on a clock of its own, and how much it served. */
function strictProvider(found: Found, clock: VirtualClock) {
  const serves = rollingProvider(LIMITS)
  const start = clock.now()
  return async (input: number): Promise<number | undefined> => {
    const output = 100 + (found.attempts % 7) * 30
    found.attempts += 1
    const at = clock.now() - start
    if (!serves({ at, tokens: input + output })) {
      found.refused += 1
      return undefined
    }
    const minute = Math.floor(at / MINUTE_MS)
    found.perMinute[minute] = (found.perMinute[minute] ?? 0) + input + output
    await passed(clock, 1_000 + 10 * output)
    return output
  }
}

function passed(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve)
  })
}

/** Asks as a vendor's SDK does by default: again after 0.5 s, then twice as long up to 8 s, a quarter of it at random. */
function patiently(retries: number, serve: ReturnType<typeof strictProvider>, clock: VirtualClock): Ask {
  const random = seededRandom(1)
  return async (tokens) => {
    for (let attempt = 0; (await serve(tokens)) === undefined; attempt += 1) {
      if (attempt >= retries) throw new Error('429')
      await passed(clock, Math.min(8_000, 500 * 2 ** attempt) * (1 - random() / 4))
    }
  }
}

async function through(serve: ReturnType<typeof strictProvider>, clock: VirtualClock) {
  const llm: LlmDriver = {
    kind: 'llm',
    id: 'main',
    model: 'm',
    maxOutputTokens: 400,
    limits: { ...LIMITS, concurrency: Number.POSITIVE_INFINITY },
    chat: async ({ messages }) => {
      const input = (messages[0]?.content as string).length / 4
      const output = await serve(input)
      if (output === undefined) throw new AiosError('AIOS_LLM_RATE_LIMIT', 'Slow down.')
      return {
        parts: [{ type: 'text', text: 'Done.' }],
        finish: { unified: 'stop' },
        usage: { input: { total: input }, output: { total: output } },
      }
    },
  }
  const kernel = await createKernel({ llm, clock })
  const ask: Ask = async (tokens) => {
    await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'x'.repeat(4 * tokens) }] })
  }
  return { ask, close: () => kernel.close() }
}

/** Runs all programs, each of which asks one thing after another and gives up with the first call that fails. */
async function run(name: string, programs: number, way: number | 'kernel'): Promise<Found> {
  const clock = virtualClock()
  const found: Found = { name, finished: 0, attempts: 0, refused: 0, perMinute: [], endedAt: 0 }
  const serve = strictProvider(found, clock)
  const kernel = way === 'kernel' ? await through(serve, clock) : undefined
  const ask = kernel?.ask ?? patiently(way as number, serve, clock)
  let living = programs
  const program = async (index: number): Promise<void> => {
    try {
      for (let step = 0; step < STEPS; step += 1) await ask(sizeOf(index, step))
      found.finished += 1
    } catch {
      // A program whose call failed is lost: that is what is counted.
    }
    found.endedAt = clock.now()
    living -= 1
  }
  const all = Promise.all(Array.from({ length: programs }, (_, index) => program(index)))
  while (living > 0) await clock.advance(1_000)
  await all
  await kernel?.close()
  return found
}

/** Compares ways to live with a limit of 600 requests and 600,000 tokens a minute, in virtual time. */
export async function limits(mode: Mode): Promise<readonly Section[]> {
  const programs = mode === 'full' ? 200 : 60
  const ways = [
    ['2 retries', 2],
    ['8 retries', 8],
    ['unlimited retries', Number.POSITIVE_INFINITY],
    ['kernel', 'kernel'],
  ] as const
  const found: Found[] = []
  for (const [name, way] of ways) found.push(await run(name, programs, way))
  const ours = found.at(-1) as Found
  // In the first minute sizes are learned, in the last the work runs out.
  const full = ours.perMinute.slice(1, -1)
  const used = full.length === 0 ? 1 : Math.min(...full) / LIMITS.tpm
  return [
    {
      title: `${programs} programs of ${STEPS} calls at a provider of 600 requests and 600,000 tokens a minute, in virtual time`,
      lines: found.map(
        ({ name, finished, attempts, refused, endedAt }) =>
          `${name.padEnd(18)} ${finished} of ${programs} finished, ${attempts} attempts, ${share(refused, attempts)} refused, ${digits(endedAt / 1_000)} s`,
      ),
      checks: [
        { ...atLeast('programs finished', ours.finished, [programs, `of ${programs}`]), floor: programs },
        { ...atMost('refusals', ours.refused, [0, '']), floor: 0 },
        ...(mode === 'full' ? [atLeast('tokens used of every full minute', used, [0.98, 'of the limit'])] : []),
      ],
    },
  ]
}
