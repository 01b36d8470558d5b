import type { Asked } from './quality-history.js'

/** Answers that wait for feedback; beyond it the oldest is forgotten. */
const MOST_WAITING = 4_096

/** Is an answer that somebody may judge. */
export interface Answered {
  readonly asked: Asked
  readonly model: string
  readonly outputTokens: number | undefined
}

/** Remembers the last answers, until they are judged. */
export class FeedbackBook {
  readonly #waiting = new Map<number, Answered>()

  note(callId: number, answered: Answered): void {
    this.#waiting.set(callId, answered)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
  }

  take(callId: number): Answered | undefined {
    const answered = this.#waiting.get(callId)
    this.#waiting.delete(callId)
    return answered
  }
}
