import { createKernel, type Kernel } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import OpenAI from 'openai'
import { streamingProvider } from '../ground/streaming-provider.js'
import { atMost, digits, type Section } from '../measure/report.js'
import { summarise } from '../measure/summary.js'
import type { Mode } from './mode.js'

const PLAN = { parts: 40, everyMs: 2 }
const QUESTION = { role: 'user', content: 'Count.' } as const

/** Is what one streamed answer looked like from outside, in milliseconds. */
interface Watched {
  readonly first: number
  readonly total: number
  /** Mean distance of the gaps between parts from their own mean. */
  readonly jitter: number
}

/** Is one way to the provider: calls back for each piece of text. */
type Ask = (heard: () => void) => Promise<void>

async function watch(ask: Ask): Promise<Watched> {
  const from = performance.now()
  const times: number[] = []
  await ask(() => void times.push(performance.now()))
  const total = performance.now() - from
  if (times.length !== PLAN.parts) throw new Error(`Expected ${PLAN.parts} pieces of text, got ${times.length}.`)
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number))
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const jitter = gaps.reduce((sum, gap) => sum + Math.abs(gap - mean), 0) / gaps.length
  return { first: (times[0] as number) - from, total, jitter }
}

function direct(client: OpenAI): Ask {
  return async (heard) => {
    const stream = await client.chat.completions.create({ model: 'm', messages: [QUESTION], stream: true })
    for await (const { choices } of stream) if ((choices[0]?.delta.content ?? '') !== '') heard()
  }
}

function through(kernel: Kernel): Ask {
  const sys = kernel.sys()
  return async (heard) => {
    for await (const part of sys.llm.stream({ messages: [QUESTION] })) if (part.type === 'text-delta') heard()
  }
}

/** Asks both in turns, the first changing each round. */
async function rounds(asks: readonly [Ask, Ask], count: number): Promise<readonly [Watched[], Watched[]]> {
  const seen: [Watched[], Watched[]] = [[], []]
  for (let round = 0; round < count + 5; round += 1) {
    for (let turn = 0; turn < 2; turn += 1) {
      const index = ((round + turn) % 2) as 0 | 1
      const one = await watch(asks[index])
      if (round >= 5) seen[index].push(one)
    }
  }
  return seen
}

/** Measures what a kernel adds to streamed answers of an OpenAI-shaped server on loopback. */
export async function loopback(mode: Mode): Promise<readonly Section[]> {
  const provider = await streamingProvider(PLAN)
  const { baseURL } = provider
  const kernel = await createKernel({ llm: openai('m', { baseURL, apiKey: 'sk-bench' }) })
  const client = new OpenAI({ baseURL, apiKey: 'sk-bench', maxRetries: 0 })
  const [sdk, ours] = await rounds([direct(client), through(kernel)], mode === 'full' ? 200 : 20)
  await kernel.close()
  provider.close()
  const ratio = (of: (watched: Watched) => number): number =>
    summarise(ours.map((watched, round) => of(watched) / of(sdk[round] as Watched))).median
  const line = (name: string, of: (watched: Watched) => number): string => {
    const [a, b] = [summarise(sdk.map(of)), summarise(ours.map(of))]
    return `${name}: SDK ${digits(a.median)} ms (${digits(a.low)} to ${digits(a.high)}), kernel ${digits(b.median)} ms (${digits(b.low)} to ${digits(b.high)}), ${digits(ratio(of))}x`
  }
  return [
    {
      title: `Streamed answers of ${PLAN.parts} parts, one every ${PLAN.everyMs} ms, over loopback: the openai SDK with the kernel and without`,
      lines: [
        line('first part', ({ first }) => first),
        line('whole answer', ({ total }) => total),
        line('jitter between parts', ({ jitter }) => jitter),
      ],
      checks: [
        {
          ...atMost(
            'first part, kernel against SDK',
            ratio(({ first }) => first),
            [1.25, 'x'],
          ),
          floor: 1.5,
        },
        {
          ...atMost(
            'whole answer',
            ratio(({ total }) => total),
            [1.05, 'x'],
          ),
          floor: 1.1,
        },
        {
          ...atMost(
            'jitter between parts',
            ratio(({ jitter }) => jitter),
            [1.25, 'x'],
          ),
          floor: 1.5,
        },
      ],
    },
  ]
}
