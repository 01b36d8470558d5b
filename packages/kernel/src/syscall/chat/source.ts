import type { StreamPart } from '../../driver/chat.js'
import type { Splice } from '../../preemption/splice.js'

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
