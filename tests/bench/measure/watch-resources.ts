import { readdirSync } from 'node:fs'

/** Counts what a run made, by kind. */
export interface Resources {
  readonly timers: number
  readonly immediates: number
  readonly abortControllers: number
  /** Threads of this process that were not there before; 0 where the system does not list them. */
  readonly threads: number
}

function threads(): number {
  try {
    return readdirSync('/proc/self/task').length
  } catch {
    return 0
  }
}

/** Counts the timers, immediates, abort controllers and threads that `work` makes, by standing in for their makers. */
export async function watchResources(work: () => Promise<void>): Promise<Resources> {
  const { setTimeout, setInterval, setImmediate, AbortController } = globalThis
  const before = threads()
  let [timers, immediates, abortControllers] = [0, 0, 0]
  globalThis.setTimeout = new Proxy(setTimeout, {
    apply: (make, self, args) => {
      timers += 1
      return Reflect.apply(make, self, args) as unknown
    },
  })
  globalThis.setInterval = new Proxy(setInterval, {
    apply: (make, self, args) => {
      timers += 1
      return Reflect.apply(make, self, args) as unknown
    },
  })
  globalThis.setImmediate = new Proxy(setImmediate, {
    apply: (make, self, args) => {
      immediates += 1
      return Reflect.apply(make, self, args) as unknown
    },
  })
  globalThis.AbortController = new Proxy(AbortController, {
    construct: (Make, args) => {
      abortControllers += 1
      return Reflect.construct(Make, args) as object
    },
  })
  try {
    await work()
    return { timers, immediates, abortControllers, threads: threads() - before }
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval, setImmediate, AbortController })
  }
}
