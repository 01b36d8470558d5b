import { createKernel, type Kernel, type Priority, type Sys, type SyscallOptions } from '@aios/kernel'
import { gatedMemory, type GatedMemory } from './gated-memory.js'
import { seededRandom } from '../../sampling/seeded-random.js'
import { nextTurn } from '../measure/next-turn.js'
import type { Backlog } from './steady-backlog.js'

const REQUEST = { id: 'n1' }
const AGENTS = 1_000
const OPTIONS = ([0, 1, 2, 3, 4, 5, 6, 7] satisfies Priority[]).map((priority): SyscallOptions => ({ priority }))

/** Is a kernel in which calls of a thousand agents wait, in eight classes drawn at random, behind a gated memory. */
export class KernelBacklog implements Backlog {
  readonly #kernel: Kernel
  readonly #memory: GatedMemory
  readonly #agents: readonly Sys[]
  readonly #random = seededRandom(1)

  private constructor(kernel: Kernel, memory: GatedMemory) {
    this.#kernel = kernel
    this.#memory = memory
    this.#agents = Array.from({ length: AGENTS }, (_, index) => kernel.sys({ name: `agent-${index}` }))
  }

  static async make(slots: number): Promise<KernelBacklog> {
    const memory = gatedMemory(slots)
    return new KernelBacklog(await createKernel({ memory: memory.driver }), memory)
  }

  #below(bound: number): number {
    return Math.floor(bound * this.#random())
  }

  add(): void {
    void (this.#agents[this.#below(AGENTS)] as Sys).memory.get(REQUEST, OPTIONS[this.#below(8)])
  }

  release(): boolean {
    return this.#memory.release()
  }

  get length(): number {
    return this.#kernel.stats().lanes[0]?.queued ?? 0
  }

  /** Adds calls until so many wait. */
  async fill(length: number): Promise<void> {
    while (this.length < length) {
      for (let made = Math.min(20_000, Math.max(64, length - this.length)); made > 0; made -= 1) this.add()
      await nextTurn()
    }
  }

  /** Opens the device, and returns when no more than so many calls wait. */
  async drain(how: 'value' | 'promise', until: number): Promise<void> {
    this.#memory.open(how)
    await this.#kernel.ready('memory', { queued: until + 1 })
  }

  /** Shuts the device again: what comes to it from now on waits to be released. */
  shut(): void {
    this.#memory.shut()
  }

  close(): Promise<void> {
    return this.#kernel.close()
  }
}
