import { AsyncResource } from 'node:async_hooks'

/** Is an async context (AsyncLocalStorage) that was captured to be entered later. */
export interface AsyncScope {
  /** Calls `enter(value)` within the captured context. */
  run<V>(enter: (value: V) => void, value: V): void
}

/** Without this, Node tracks the collection of every instance when a destroy hook is on. One object for all: every call that queues captures. */
const UNTRACKED = { requireManualDestroy: true } as const

class CapturedScope extends AsyncResource implements AsyncScope {
  constructor(type: string) {
    super(type, UNTRACKED)
  }

  run<V>(enter: (value: V) => void, value: V): void {
    this.runInAsyncScope(enter as (value: unknown) => void, undefined, value)
  }
}

/** Captures the async context of whoever calls. */
export function captureScope(): AsyncScope {
  return new CapturedScope('aios.syscall')
}

/** Is the context of this module's own loading: listeners run in it, so that they see no caller's context. */
export const NO_SCOPE: AsyncScope = new CapturedScope('aios.none')
