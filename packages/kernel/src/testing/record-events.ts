import { EVENT_NAMES } from '../event/event-names.js'
import type { KernelEventName, KernelEvents } from '../event/kernel-events.js'
import type { Kernel } from '../kernel-api.js'

/** Is one recorded event. */
export interface RecordedEvent<N extends KernelEventName = KernelEventName> {
  readonly name: N
  readonly data: KernelEvents[N]
}

/** Is a growing list of the events of a kernel. */
export interface EventRecording {
  /** All recorded events, oldest first. */
  readonly all: readonly RecordedEvent[]
  /** Names of all recorded events, oldest first. */
  readonly names: readonly KernelEventName[]
  /** Returns what the events of one name carried. */
  of<N extends KernelEventName>(name: N): readonly KernelEvents[N][]
  /** Stops recording. */
  stop(): void
}

/**
 * Records events of a kernel, all or those of the given names.
 *
 * @example
 * ```ts
 * import { createTestKernel, recordEvents } from '@aios/kernel/testing'
 *
 * const kernel = await createTestKernel()
 * const events = recordEvents(kernel, 'process:spawned')
 * await kernel.run(() => 'done', undefined)
 * console.log(events.of('process:spawned').length) // 1
 * await kernel.close()
 * ```
 */
export function recordEvents(kernel: Kernel, ...names: readonly KernelEventName[]): EventRecording {
  const all: RecordedEvent[] = []
  const wanted = names.length === 0 ? EVENT_NAMES : names
  const stops = wanted.map((name) =>
    kernel.on(name, (data) => {
      all.push({ name, data })
    }),
  )
  return {
    all,
    get names() {
      return all.map((event) => event.name)
    },
    of<N extends KernelEventName>(name: N): readonly KernelEvents[N][] {
      return all.filter((event): event is RecordedEvent<N> => event.name === name).map((event) => event.data)
    },
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
