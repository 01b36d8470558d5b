/** Cuts answers of a core that runs in this process, and lets them go on. */
import type { CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'

/** Takes so many parts of an answer, has it saved, and leaves it as the kernel does. */
export async function cut(
  core: LlmDriver,
  source: AsyncIterable<StreamPart>,
  { call, controller, take }: { call: DriverCall; controller: AbortController; take: number },
): Promise<{ parts: StreamPart[]; state: unknown; isOver: boolean }> {
  const iterator = source[Symbol.asyncIterator]()
  const parts: StreamPart[] = []
  while (parts.length < take) {
    const next = await iterator.next()
    if (next.done === true) return { parts, state: undefined, isOver: true }
    parts.push(next.value)
  }
  const state: unknown = structuredClone(await core.save?.(call))
  controller.abort(new DOMException('The answer was cut, to go on later.', 'AbortError'))
  await iterator.return?.()
  return { parts, state, isOver: false }
}

/** Has an answer cut after every part. */
export async function inPieces(
  core: LlmDriver,
  request: CoreRequest,
  take = 1,
): Promise<{ parts: readonly StreamPart[]; cuts: number }> {
  const all: StreamPart[] = []
  let state: unknown
  for (let cuts = 0; ; cuts += 1) {
    const controller = new AbortController()
    const call = fakeDriverCall({ signal: controller.signal })
    const source = cuts === 0 ? core.stream!(request, call) : core.restore!(state, request, call)
    const piece = await cut(core, source, { call, controller, take })
    all.push(...piece.parts)
    if (piece.isOver) return { parts: all, cuts }
    state = piece.state
  }
}
