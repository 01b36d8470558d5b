import type { Clock } from '@aios/kernel/driver'

/** Says how long something may take, and what is wrong if it takes longer. */
export interface TimeLimit {
  readonly clock: Clock
  readonly timeoutMs: number
  late(): unknown
}

/** Waits for something, but no longer than a time; what becomes of it afterwards is nobody's concern. */
export async function withTimeLimit<R>(work: Promise<R>, { clock, timeoutMs, late }: TimeLimit): Promise<R> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => {
      reject(late())
    })
    work.then(resolve, reject).finally(() => {
      timer.cancel()
    })
  })
}
