import { createKernel, type Kernel } from '@aios/kernel'
import { streamingProvider } from '../../ground/streaming-provider.js'
import { VENDORS, type Ask, type Vendor } from '../../ground/vendors.js'
import { atMost, digits, type Section } from '../../measure/report.js'
import { summarise, type Summary } from '../../measure/summary.js'
import type { Mode } from '../mode.js'

const PLAN = { parts: 10, everyMs: 2 }
/** Calls each way that are not measured: until then both are mostly being compiled. */
const WARMUP = { full: 150, floor: 20 } as const

/** Is what one streamed answer looked like from outside, in milliseconds. */
interface Watched {
  readonly first: number
  readonly total: number
}

type Figure = keyof Watched

async function watch(ask: Ask): Promise<Watched> {
  const from = performance.now()
  let first = Number.NaN
  let pieces = 0
  await ask(() => {
    if (pieces === 0) first = performance.now() - from
    pieces += 1
  })
  if (pieces !== PLAN.parts) throw new Error(`Expected ${PLAN.parts} pieces of text, got ${pieces}.`)
  return { first, total: performance.now() - from }
}

function through(kernel: Kernel): Ask {
  const { llm } = kernel.sys()
  const messages = [{ role: 'user', content: 'Count.' }] as const
  return async (heard) => {
    for await (const part of llm.stream({ messages })) if (part.type === 'text-delta') heard()
  }
}

/** Asks both in turns, the first changing each round. */
async function rounds(
  asks: readonly [Ask, Ask],
  count: number,
  warmup: number,
): Promise<readonly [Watched[], Watched[]]> {
  const seen: [Watched[], Watched[]] = [[], []]
  for (let round = 0; round < count + warmup; round += 1) {
    for (let turn = 0; turn < 2; turn += 1) {
      const index = ((round + turn) % 2) as 0 | 1
      const one = await watch(asks[index])
      if (round >= warmup) seen[index].push(one)
    }
  }
  return seen
}

const range = ({ median, low, high }: Summary): string => `${digits(median)} ms (${digits(low)} to ${digits(high)})`

async function compare(vendor: Vendor, mode: Mode): Promise<Section> {
  const { origin, close } = await streamingProvider(vendor.words, PLAN)
  const kernel = await createKernel({ llm: vendor.core(origin) })
  const asks = [vendor.bare(origin), through(kernel)] as const
  const [bare, ours] = await rounds(asks, mode === 'full' ? 200 : 30, WARMUP[mode])
  await kernel.close()
  close()
  const of = (watched: readonly Watched[], figure: Figure): Summary => summarise(watched.map((one) => one[figure]))
  const ratio = (figure: Figure): number => of(ours, figure).median / of(bare, figure).median
  const line = (name: string, figure: Figure): string =>
    `${name}: SDK ${range(of(bare, figure))}, kernel and core ${range(of(ours, figure))}, ${digits(ratio(figure))}x`
  const added = of(ours, 'total').median - of(bare, 'total').median
  const { name } = vendor
  return {
    title: `${name}: answers of ${PLAN.parts} parts, one every ${PLAN.everyMs} ms, through the kernel and its core, against the SDK alone`,
    lines: [line('first part', 'first'), line('whole answer', 'total')],
    checks: [
      { ...atMost(`${name}, first part`, ratio('first'), [1.05, 'x']), floor: 1.5 },
      { ...atMost(`${name}, whole answer`, ratio('total'), [1.05, 'x']), floor: 1.25 },
      atMost(`${name}, added to a call, p50`, added, [1, 'ms']),
    ],
  }
}

/** Measures each vendor's core against its SDK alone, over loopback. */
export async function overSdk(mode: Mode): Promise<readonly Section[]> {
  const sections: Section[] = []
  for (const vendor of VENDORS) sections.push(await compare(vendor, mode))
  return sections
}
