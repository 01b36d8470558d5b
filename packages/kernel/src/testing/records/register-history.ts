import { check } from '../conformance.js'

/** Is one operation on a register: when it was asked for, when it returned, and what it saw and made. */
export interface RegisterOperation {
  readonly register: number
  readonly invokedAt: bigint
  readonly returnedAt: bigint
  /** Version that a write depended on, or that a read saw; 0 for none. */
  readonly seen: number
  /** Version that a write made; 0 for a read, undefined for a write that was refused. */
  readonly made: number | undefined
}

/**
 * Throws unless a history of registers is linearizable: unless there is a moment for each operation, between its call and its
 * return, so that all of them one after the other would have seen what they saw. Versions are unique, so each register's
 * writes are a chain, and the earliest moments that fit are found in one pass. Of a refused write it checks that the version
 * it depended on was not there from its call to its return for certain.
 */
export function checkHistory(operations: readonly RegisterOperation[]): void {
  for (const register of new Set(operations.map((operation) => operation.register)))
    checkRegister(operations.filter((operation) => operation.register === register))
}

function checkRegister(operations: readonly RegisterOperation[]): void {
  const after = new Map<number, RegisterOperation>()
  for (const write of operations) {
    if (write.made === undefined || write.made === 0) continue
    check(!after.has(write.seen), `Expected one write on version ${write.seen}, got two: an update was lost.`)
    after.set(write.seen, write)
  }
  const reads = operations.filter(({ made }) => made === 0)
  const refused = operations.filter(({ made }) => made === undefined)
  let [version, moment, writes] = [0, 0n, 0]
  let before: RegisterOperation | undefined
  for (;;) {
    const next = after.get(version)
    const seeing = reads.filter(({ seen }) => seen === version)
    for (const at of seeing.map((read) => momentOf(read, moment))) if (at > moment) moment = at
    checkRefused(
      refused.filter(({ seen }) => seen === version),
      before,
      next,
    )
    if (next === undefined) break
    moment = momentOf(next, moment)
    before = next
    version = next.made as number
    writes += 1
    check(writes <= after.size, `Expected versions that are used once, got ${version} again.`)
  }
  check(writes === after.size, `Expected all ${after.size} writes to follow one another, got a chain of ${writes}.`)
  const known = new Set([0, ...[...after.values()].map(({ made }) => made)])
  for (const { seen } of reads) check(known.has(seen), `Expected a read to see what was written, got version ${seen}.`)
}

/** Returns the first moment from which an operation may have happened. */
function momentOf({ invokedAt, returnedAt, seen }: RegisterOperation, earliest: bigint): bigint {
  const moment = invokedAt > earliest ? invokedAt : earliest
  check(moment <= returnedAt, `Expected an operation on version ${seen} to see what was there, got what was long gone.`)
  return moment
}

function checkRefused(
  refused: readonly RegisterOperation[],
  before: RegisterOperation | undefined,
  next: RegisterOperation | undefined,
): void {
  for (const { invokedAt, returnedAt, seen } of refused) {
    const wasThere = before === undefined || before.returnedAt < invokedAt
    const stayed = next === undefined || next.invokedAt > returnedAt
    check(!wasThere || !stayed, `Expected a write on version ${seen} to be made while that was there, got it refused.`)
  }
}
