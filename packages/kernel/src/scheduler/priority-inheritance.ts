import type { Process } from '../process/process.js'
import { ownPriority, STATE, type Syscall } from '../syscall/syscall.js'
import { Lenders } from './lenders.js'
import { Lock, type LockTable } from './lock-table.js'

/** Is what a call can wait for and lend its priority to. */
export type Borrower = Lock | Process

/** Is something that a priority may yet be lent to, and which. */
interface Loan {
  readonly to: Syscall | Process
  readonly priority: number
}

/** Returns the priority that a call is to have: its own, or what is lent to it if that is higher. */
function dueOf(call: Syscall): number {
  return Math.max(ownPriority(call), call.extras?.lent ?? -1)
}

/**
 * Lets whoever waits lend its priority to what it waits for: to a process with its descendants, or to the call that holds a
 * key, and from there to what is nested and to what these wait for in turn. What is lent only raises. It is noted at once
 * and takes effect by {@link PriorityInheritance.apply}, so that a call whose waits change many times moves once.
 *
 * Source: priority inheritance, Sha, Rajkumar and Lehoczky 1990.
 */
export class PriorityInheritance {
  readonly #changed = new Set<Syscall>()
  readonly #loans: Loan[] = []
  readonly #locks: () => LockTable

  /** @param locks - returns the table of the keys, which is made later */
  constructor(locks: () => LockTable) {
    this.#locks = locks
  }

  /** Whether {@link PriorityInheritance.apply} has anything to do. */
  get pending(): boolean {
    return this.#changed.size > 0
  }

  /** Lets a call lend its priority for as long as it waits. */
  begin(call: Syscall, to: Borrower): void {
    call.rare().lendsTo = to
    const due = dueOf(call)
    to.lenders ??= new Lenders()
    to.lenders.add(due, ownPriority(call))
    this.#raise({ to: receiver(to), priority: due })
  }

  /** Takes back what a call lent. */
  end(call: Syscall): void {
    const to = call.extras?.lendsTo
    if (to === undefined) return
    call.rare().lendsTo = undefined
    const due = dueOf(call)
    to.lenders?.delete(due, ownPriority(call))
    // Whoever has as much of its own still lends it.
    if (to.lenders !== undefined && to.lenders.highestOwn < due) this.#reassess(receiver(to))
  }

  /** Lends to the new holder of a key what those lend who still wait for it. */
  passed(lock: Lock): void {
    if (lock.lenders !== undefined) this.#raise({ to: lock.holder, priority: lock.lenders.highest })
  }

  /** Is told that a call has given back keys that others wait for. */
  relieved(call: Syscall): void {
    if ((call.extras?.lent ?? -1) >= 0) this.#reassess(call)
  }

  /** Gives a new call what is lent to its process, and to the call it is made under. */
  enter(call: Syscall): void {
    const lent = Math.max(call.owner.lent, lentAbove(call))
    if (lent < 0) return
    const extras = call.rare()
    extras.own = call.priority
    extras.lent = lent
    call.priority = dueOf(call)
  }

  /** Changes the own priority of a call. */
  change(call: Syscall, own: number): void {
    const [before, ownBefore] = [dueOf(call), ownPriority(call)]
    const extras = call.rare()
    extras.own = own
    extras.lent = this.#lentTo(call)
    this.#changed.add(call)
    const { lendsTo } = extras
    if (lendsTo?.lenders === undefined) return
    lendsTo.lenders.delete(before, ownBefore)
    lendsTo.lenders.add(dueOf(call), own)
    if (own < ownBefore) this.#reassess(call, receiver(lendsTo))
    else this.#raise({ to: receiver(lendsTo), priority: dueOf(call) })
  }

  /** Moves the calls whose priority has changed, the oldest first. */
  apply(): void {
    const calls = [...this.#changed].sort((a, b) => a.id - b.id)
    this.#changed.clear()
    for (const call of calls) {
      const due = dueOf(call)
      if (call.state === STATE.settled || call.priority === due) continue
      const change = (): void => {
        call.priority = due
      }
      if (call.state === STATE.queued) call.lane?.reorder(call, change)
      else change()
    }
  }

  /** Lends a priority to something and to all that it leads to, as far as that is not as high already. */
  #raise(first: Loan): void {
    if (first.priority < 0) return
    this.#loans.push(first)
    for (let loan = this.#loans.pop(); loan !== undefined; loan = this.#loans.pop()) {
      if ('row' in loan.to) this.#raiseCall(loan.to, loan.priority)
      else this.#raiseProcess(loan.to, loan.priority)
    }
  }

  #raiseProcess(process: Process, priority: number): void {
    if (process.lent >= priority || process.end !== undefined) return
    process.lent = priority
    for (let call = process.firstCall; call !== undefined; call = call.nextCall)
      this.#loans.push({ to: call, priority })
    for (const child of process.children ?? []) if (!child.detached) this.#loans.push({ to: child, priority })
  }

  #raiseCall(call: Syscall, priority: number): void {
    const before = dueOf(call)
    // What is nested hears of it even if this call is as urgent itself: it may have less of its own.
    if (call.extras === undefined && before >= priority && call.parent === undefined) return
    const extras = call.rare()
    if (extras.lent >= priority) return
    extras.own ??= call.priority
    extras.lent = priority
    for (const nested of nestedIn(call)) this.#loans.push({ to: nested, priority })
    if (before < priority) this.#settleDue(call, before)
  }

  /** Carries a changed priority on to what the call waits for. */
  #settleDue(call: Syscall, before: number): void {
    this.#changed.add(call)
    const { lendsTo, own = call.priority } = call.rare()
    if (lendsTo?.lenders === undefined) return
    const due = dueOf(call)
    lendsTo.lenders.delete(before, own)
    lendsTo.lenders.add(due, own)
    if (due > before) this.#loans.push({ to: receiver(lendsTo), priority: due })
  }

  /**
   * Finds anew what is lent to something, and to all that it leads to: everything is taken from them, and what others lend
   * them is given again. A mere comparison would let those keep a priority for ever who lend it to each other in a circle.
   */
  #reassess(...first: (Syscall | Process)[]): void {
    const reached = new Set(first)
    for (const at of reached) {
      if ('row' in at) this.#sinkCall(at, reached)
      else sinkProcess(at, reached)
    }
    for (const at of reached) this.#raise({ to: at, priority: 'row' in at ? this.#lentTo(at) : lentToProcess(at) })
  }

  #sinkCall(call: Syscall, reached: Set<Syscall | Process>): void {
    const { extras } = call
    if (extras === undefined) return
    const before = dueOf(call)
    extras.own ??= call.priority
    extras.lent = -1
    for (const nested of nestedIn(call)) reached.add(nested)
    if (dueOf(call) === before) return
    this.#settleDue(call, before)
    if (extras.lendsTo !== undefined) reached.add(receiver(extras.lendsTo))
  }

  /** Returns what is lent to a call by all that do now. */
  #lentTo(call: Syscall): number {
    return Math.max(call.owner.lent, lentAbove(call), this.#locks().lentTo(call))
  }
}

/** Who gets what is lent: of a key whoever holds it. */
function receiver(to: Borrower): Syscall | Process {
  return to instanceof Lock ? to.holder : to
}

function sinkProcess(process: Process, reached: Set<Syscall | Process>): void {
  process.lent = -1
  for (let call = process.firstCall; call !== undefined; call = call.nextCall) reached.add(call)
  for (const child of process.children ?? []) if (!child.detached) reached.add(child)
}

function lentToProcess({ lenders, detached, parent }: Process): number {
  return Math.max(lenders?.highest ?? -1, detached ? -1 : (parent?.lent ?? -1))
}

/** What is lent to the call that a call is made under; processes spawned under a call go on without it. */
function lentAbove({ parent, owner }: Syscall): number {
  return parent?.owner === owner ? (parent.extras?.lent ?? -1) : -1
}

function nestedIn({ extras, owner }: Syscall): readonly Syscall[] {
  return extras?.children === undefined ? [] : [...extras.children].filter((nested) => nested.owner === owner)
}
