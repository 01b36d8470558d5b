import { AiosError } from '../error/aios-error.js'
import type { KernelState } from '../kernel-state.js'
import { Batch } from '../scheduler/batch/batch.js'
import { withdraw } from '../syscall/cancel.js'
import { deliver } from '../syscall/settle.js'
import { STATE, type Syscall } from '../syscall/syscall.js'
import type { Process } from './process.js'
import { waitOf, waitSentence, type Holder } from './wait-of.js'

/** Is an end or a word that is waited for: it needs all of these, and any of those, if there are any. */
interface Need {
  readonly all: Need[]
  readonly any: Need[]
  /** Whether it comes only when the call that the search is for goes on. */
  stuck: boolean
}

/**
 * Looks whether a call would wait for itself. Who waits for the **end** of a process or call waits for all that is
 * outstanding in it; who waits for a **word** of a process is content with any one of its calls going on; a slot or a
 * budget comes from any of those who hold it.
 *
 * Ends that need each other are stuck until one of them is shown to come: it does not help that a slot comes from either
 * of two calls if both wait for who wants it. Words come until they are shown to be stuck: code between calls may say them.
 */
class CycleSearch {
  readonly #kernel: KernelState
  readonly #ends = new Map<Holder, Need>()
  readonly #words = new Map<Holder, Need>()
  /** Fills in what each new end or word needs, so that chains of any length need no stack. */
  readonly #open: (() => void)[] = []

  constructor(kernel: KernelState) {
    this.#kernel = kernel
  }

  /** Whether the wait of a call leads back to it. */
  found(start: Syscall): boolean {
    const origin = this.#end(start)
    for (let fill = this.#open.pop(); fill !== undefined; fill = this.#open.pop()) fill()
    // What is needed was found later: from the last to the first, most answers are final at once.
    const ends = [...this.#ends.values()].reverse()
    const words = [...this.#words.values()].reverse()
    do {
      for (const end of ends) end.stuck = true
      // The start counts as stuck throughout; whether it is, is the question.
      while (turn(ends, (end) => end !== origin && end.stuck && !blocked(end), false)) continue
    } while (turn(words, (word) => !word.stuck && blocked(word), true))
    return blocked(origin)
  }

  #end(at: Holder): Need {
    return this.#need(this.#ends, at, (need) => {
      if ('row' in at) this.#fillEnd(at, need)
      else if (at instanceof Batch) need.all.push(...[...at.aboard].map((call) => this.#end(call)))
      else need.all.push(...ownCalls(at).map((call) => this.#end(call)))
    })
  }

  #word(at: Holder): Need {
    return this.#need(this.#words, at, (need) => {
      if ('row' in at) {
        const nested = nestedIn(at)
        need.any.push(...(nested.length > 0 ? nested.map((call) => this.#word(call)) : [this.#end(at)]))
      } else if (!(at instanceof Batch) && at.frozen === 0) {
        need.any.push(...ownCalls(at).map((call) => this.#word(call)))
      }
    })
  }

  #fillEnd(call: Syscall, need: Need): void {
    if (call.state === STATE.settled) return
    need.all.push(...nestedIn(call).map((nested) => this.#end(nested)))
    const waits = waitOf(this.#kernel, call)
    if (waits === undefined || waits.free) return
    const forWord = call.row.name === 'agent.receive'
    need.any.push(...waits.on.map((holder) => (forWord ? this.#word(holder) : this.#end(holder))))
  }

  #need(known: Map<Holder, Need>, at: Holder, fill: (need: Need) => void): Need {
    const before = known.get(at)
    if (before !== undefined) return before
    const need: Need = { all: [], any: [], stuck: false }
    known.set(at, need)
    this.#open.push(() => {
      fill(need)
    })
    return need
  }
}

function blocked({ all, any }: Need): boolean {
  return all.some(({ stuck }) => stuck) || (any.length > 0 && any.every(({ stuck }) => stuck))
}

/** Changes what is due; tells whether anything was. */
function turn(needs: readonly Need[], due: (need: Need) => boolean, stuck: boolean): boolean {
  let changed = false
  for (const need of needs) {
    if (!due(need)) continue
    need.stuck = stuck
    changed = true
  }
  return changed
}

/** Calls made under a call, by its own process: those of a process that it spawned go on without it. */
function nestedIn(call: Syscall): readonly Syscall[] {
  return [...(call.extras?.children ?? [])].filter((nested) => nested.owner.origin !== call)
}

/** Calls of a process that are not made under another one of it. */
function ownCalls(process: Process): readonly Syscall[] {
  return process.outstanding().filter((call) => call.parent === process.origin)
}

/** Rejects a call that has just begun to wait, if its wait could never end. */
export function refuseCycle(call: Syscall): void {
  const { kernel } = call.caller
  if (!suspicious(call) || !new CycleSearch(kernel).found(call)) return
  const sentence = waitSentence(kernel, call) ?? ''
  withdraw(call)
  deliver(
    call,
    false,
    new AiosError('AIOS_WAIT_CYCLE', `This wait could never end: ${sentence}, which waits for ${call.id} in turn.`, {
      details: { call: call.id },
    }),
  )
}

/** A circle needs somebody who waits for this call: the call it is made under, or someone who waits for its process. */
function suspicious(call: Syscall): boolean {
  if (call.parent !== undefined || call.extras?.waitsForPid !== undefined || (call.extras?.keysHeld ?? 0) > 0)
    return true
  for (let process: Process | undefined = call.owner; process !== undefined; process = process.parent) {
    if (process.waiters !== undefined && process.waiters.size > 0) return true
  }
  return false
}
