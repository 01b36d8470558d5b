import { AiosError } from '../../error/aios-error.js'
import { NO_SCOPE } from '../../lifetime/async-scope.js'
import { DriverCallView } from '../../syscall/driver-call.js'
import { STATE, type Syscall } from '../../syscall/syscall.js'
import type { TaskList } from '../task-list.js'
import type { BatchItem, BatchRow } from './batch-row.js'

/** Is a call that the driver is to serve with others, and what it has said of it. */
class Passenger {
  readonly call: Syscall
  readonly item: BatchItem
  readonly result: Promise<unknown>
  isSettled = false

  constructor(call: Syscall, request: unknown) {
    this.call = call
    let settle!: { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void }
    this.result = new Promise((resolve, reject) => {
      settle = { resolve, reject }
    })
    this.item = {
      request,
      call: new DriverCallView(call),
      resolve: (result) => {
        this.isSettled = true
        settle.resolve(result)
      },
      reject: (error) => {
        this.isSettled = true
        settle.reject(error)
      },
    }
  }
}

/** Is a number of calls of one row that share a slot from when they start until the driver is done with the last of them. */
export class Batch {
  /** Members that are still to be put on the slot. */
  readonly members: TaskList
  readonly #name: string
  readonly #row: BatchRow
  readonly #aboard = new Set<Syscall>()
  #passengers: readonly Passenger[] = []
  /** Whether more are to come: until then nobody's leaving frees the slot. */
  #boarding = true

  /** @param name - the syscall that all members are calls of */
  constructor(name: string, row: BatchRow, members: TaskList) {
    this.#name = name
    this.#row = row
    this.members = members
  }

  /** Calls that the driver is not done with. */
  get aboard(): ReadonlySet<Syscall> {
    return this.#aboard
  }

  /** Puts a member on the slot. */
  admit(call: Syscall): void {
    call.rare().batch = this
    this.#aboard.add(call)
  }

  /** Makes a call that begins part of what the driver is given; returns its result. */
  board(call: Syscall, request: unknown): Promise<unknown> {
    const passenger = new Passenger(call, request)
    ;(this.#passengers as Passenger[]).push(passenger)
    return passenger.result
  }

  /** Takes a call off the slot; returns whether that frees it. */
  leave(call: Syscall): boolean {
    call.rare().batch = undefined
    return this.#aboard.delete(call) && this.#aboard.size === 0 && !this.#boarding
  }

  /** Hands to the driver what has boarded. Returns false if nobody is left who needs the slot. */
  launch(): boolean {
    this.#boarding = false
    if (this.#aboard.size === 0) return false
    this.run()
    return true
  }

  /** Calls the driver, once for each kind. */
  run(): void {
    NO_SCOPE.run((passengers) => {
      for (const kind of this.#kinds(passengers)) void this.#serve(kind)
    }, this.#passengers)
    this.#passengers = []
  }

  #kinds(passengers: readonly Passenger[]): Iterable<readonly Passenger[]> {
    if (this.#row.key === undefined) return [passengers]
    const kinds = new Map<string, Passenger[]>()
    for (const passenger of passengers) {
      try {
        const key = this.#row.key(passenger.item.request)
        const kind = kinds.get(key)
        if (kind === undefined) kinds.set(key, [passenger])
        else kind.push(passenger)
      } catch (error) {
        passenger.item.reject(error)
      }
    }
    return kinds.values()
  }

  async #serve(kind: readonly Passenger[]): Promise<void> {
    // What ran just before may have ended a call of this kind.
    for (const { call, item } of kind) if (call.state === STATE.settled) item.reject(call.extras?.cancelledBy)
    const served = kind.filter(({ isSettled }) => !isSettled)
    if (served.length === 0) return
    try {
      await this.#row.run(served.map(({ item }) => item))
    } catch (error) {
      end(served, () => error)
      return
    }
    end(
      served,
      ({ call }) =>
        new AiosError(
          'AIOS_DRIVER_FAILED',
          `Device ${call.device?.id ?? ''} ended a batch of ${this.#name} without settling this call of it. Its run must resolve or reject every item.`,
        ),
    )
  }
}

/** Rejects what the driver has said nothing of. */
function end(served: readonly Passenger[], errorOf: (passenger: Passenger) => unknown): void {
  for (const passenger of served) if (!passenger.isSettled) passenger.item.reject(errorOf(passenger))
}
