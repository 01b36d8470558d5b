import type { Lane } from './lane.js'

/** Is somebody who waits for room in a lane. */
interface Waiter {
  readonly lanes: readonly Lane[]
  readonly queued: number | undefined
  readonly resolve: () => void
}

/** Keeps those who wait until a lane has room. */
export class ReadyTable {
  readonly #waiters = new Set<Waiter>()

  /** Resolves when one of the lanes has fewer than `queued` calls waiting, by default fewer than its slots. */
  wait(lanes: readonly Lane[], queued: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    if (lanes.some((lane) => hasRoom(lane, queued))) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        lanes,
        queued,
        resolve: () => {
          signal?.removeEventListener('abort', onAbort)
          this.#waiters.delete(waiter)
          resolve()
        },
      }
      const onAbort = (): void => {
        this.#waiters.delete(waiter)
        reject(signal?.reason as Error)
      }
      if (signal?.aborted === true) {
        onAbort()
        return
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** Is told that a call left the queue of a lane. */
  moved(lane: Lane): void {
    if (this.#waiters.size === 0) return
    for (const waiter of this.#waiters)
      if (waiter.lanes.includes(lane) && hasRoom(lane, waiter.queued)) waiter.resolve()
  }

  /** Lets everybody go on: what they call next then says that the kernel is closed. */
  close(): void {
    for (const waiter of this.#waiters) waiter.resolve()
  }
}

function hasRoom(lane: Lane, queued: number | undefined): boolean {
  return lane.backlog < (queued ?? lane.concurrency)
}
