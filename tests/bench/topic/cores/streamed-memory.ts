import { createKernel } from '@aios/kernel'
import { streamingProvider } from '../../ground/streaming-provider.js'
import { VENDORS, type Vendor } from '../../ground/vendors.js'
import { liveBytes } from '../../measure/collect-garbage.js'
import { atMost, digits, type Section } from '../../measure/report.js'
import { slope } from '../../measure/summary.js'
import type { Mode } from '../mode.js'

const PLAN = { parts: 10, everyMs: 0 }
const POINTS = 10
const AT_ONCE = 20
/** Reads so many answers, and returns how many bytes of live heap each leaves behind. */
async function leftBehind(vendor: Vendor, streams: number): Promise<number> {
  const { origin, close } = await streamingProvider(vendor.words, PLAN)
  const kernel = await createKernel({ llm: { ...vendor.core(origin), limits: { concurrency: AT_ONCE } } })
  const { llm } = kernel.sys()
  const messages = [{ role: 'user', content: 'Count.' }] as const
  const read = async (): Promise<void> => {
    let pieces = 0
    for await (const part of llm.stream({ messages })) if (part.type === 'text-delta') pieces += 1
    if (pieces !== PLAN.parts) throw new Error(`Expected ${PLAN.parts} pieces of text, got ${pieces}.`)
  }
  const readMany = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, read))
  }
  const points: { x: number; y: number }[] = []
  // What is made once, such as compiled code and kept connections, comes up to about the 8,000th stream.
  await readMany(streams)
  for (let point = 0; point <= POINTS; point += 1) {
    points.push({ x: (point * streams) / POINTS, y: liveBytes() })
    if (point < POINTS) await readMany(streams / POINTS)
  }
  await kernel.close()
  close()
  return slope(points)
}

/** Measures whether memory stays flat over many streamed answers. */
export async function streamedMemory(mode: Mode): Promise<Section> {
  const streams = mode === 'full' ? 10_000 : 1_000
  const lines: string[] = []
  const left: number[] = []
  for (const vendor of VENDORS) {
    const bytes = await leftBehind(vendor, streams)
    left.push(bytes)
    lines.push(`${vendor.name}: ${digits(bytes)} bytes a stream`)
  }
  return {
    title: `Live heap over ${streams} streamed answers of ${PLAN.parts} parts, ${AT_ONCE} at once`,
    lines,
    checks: [atMost('what a stream leaves behind, at most', Math.max(...left), [mode === 'full' ? 20 : 200, 'bytes'])],
  }
}
