import type { MemoryDriver, MemoryNote } from '@aios/kernel'
import { memoryOf, NOTE } from './no-op-devices.js'

/** Is a memory whose calls end when the benchmark says so; calls behind them really queue. */
export interface GatedMemory {
  readonly driver: MemoryDriver
  /** Lets the oldest running call end; returns false if none runs. */
  release(): boolean
  /** Opens the gate: every later call ends by itself, with a value or with a promise that is kept at once. */
  open(how: 'value' | 'promise'): void
  /** Shuts the gate again. */
  shut(): void
}

/** Makes a gated memory. */
export function gatedMemory(concurrency: number): GatedMemory {
  const gates: ((note: MemoryNote) => void)[] = []
  let opened: 'value' | 'promise' | undefined
  const pass = async (): Promise<MemoryNote> => NOTE
  const get = (): MemoryNote | Promise<MemoryNote> => {
    if (opened === 'value') return NOTE
    return opened === 'promise' ? pass() : new Promise((resolve) => void gates.push(resolve))
  }
  return {
    driver: memoryOf(get, concurrency),
    release() {
      const gate = gates.shift()
      gate?.(NOTE)
      return gate !== undefined
    },
    open(how) {
      opened = how
      for (const gate of gates.splice(0)) gate(NOTE)
    },
    shut() {
      opened = undefined
    },
  }
}
