import type { StreamPart } from '../../driver/chat.js'
import type { Splice } from '../../preemption/splice.js'
import { inTime } from '../../time/in-time.js'
import { notLetGo } from '../cancel.js'
import type { Syscall } from '../syscall.js'

/** Is a core that a stream is connected to: from one start or cut to the next. */
export interface Source {
  readonly iterator: AsyncIterator<StreamPart>
  /** Joins its parts to those before a cut. */
  readonly splice: Splice | undefined
  /** Output tokens there were before it. */
  readonly tokensAt: number
  /** Whether anything of an answer came of it. */
  answered: boolean
  /** The part that is being waited for. */
  fetching: Promise<void> | undefined
  /** Whether somebody pulls ahead of the consumer. */
  drained: boolean
}

/**
 * Tells the iterator of a core that nobody wants more, and waits until it has let go. One that has not after
 * `limits.abandonAfterMs` is left to itself. Rejects with what the iterator throws at that.
 */
export async function closeSource(call: Syscall, source: Source | undefined): Promise<void> {
  const closing = source?.iterator.return?.()
  if (closing === undefined) return
  const { wheel, limits } = call.caller.kernel
  const late = (): void => {
    notLetGo(call)
  }
  await inTime<unknown>(Promise.resolve(closing), { wheel, ms: limits.abandonAfterMs, isVital: false, late })
}
