import { AiosError } from '../error/aios-error.js'
import { capture, digestOf, hashOf, REDACTED, restored } from '../journal/value-codec.js'
import type { KernelState } from '../kernel-state.js'
import { refuseCycle } from '../process/wait-graph.js'
import { IdempotencyBook, type Answer, type Storable } from './idempotency-book.js'
import { IdempotencyClaim, type ClaimHost, type IdempotencyKey } from './idempotency-claim.js'
import { deliver } from './settle.js'
import { STATE, transition, type Syscall } from './syscall.js'
import { wait } from './wait.js'

/** Is an answer that the store does not hold: it cannot be copied, was redacted, or the store did not take it. */
interface Unstored {
  readonly at: number
  readonly digest: string
  readonly value: unknown
  /** What to store when the key comes again. */
  readonly owed: Storable | undefined
  /** Durable id of the call that was executed. */
  readonly by: string | undefined
}

/**
 * Makes of the calls of one scope (tenant, memory namespace and row) with the same idempotency key one: the first runs, those
 * that come meanwhile get what it comes to, and those that come later what is kept of it. A call that did not fulfil is not
 * kept.
 */
export class IdempotencyTable implements ClaimHost {
  readonly kernel: KernelState
  readonly #book: IdempotencyBook
  readonly #claims = new Map<string, IdempotencyClaim>()
  readonly #unstored = new Map<string, Unstored>()

  constructor(kernel: KernelState) {
    const { records, clock, limits, log } = kernel
    this.kernel = kernel
    this.#book = new IdempotencyBook({
      records,
      now: () => clock.now(),
      most: limits.idempotencyKeys,
      keepMs: limits.idempotencyMs,
      failed: (error) => {
        if (kernel.closed === undefined) log.error('could not delete old idempotency keys', { error })
      },
    })
  }

  /** Takes a call that is authorised and has a key: it goes on, or waits for what another comes to. */
  enter(call: Syscall, { key, request }: IdempotencyKey): void {
    const id = idOf(call, key)
    const digest = digestOf(request)
    wait(call)
    const there = this.#claims.get(id.toString('hex'))
    if (there === undefined) {
      const claim = new IdempotencyClaim(this, { id, digest })
      this.#claims.set(id.toString('hex'), claim)
      claim.join(call)
      void this.#ask(claim)
    } else if (there.digest === digest) {
      there.join(call)
      refuseCycle(call)
    } else {
      deliver(call, false, conflict(call.row.name))
    }
  }

  ran(claim: IdempotencyClaim, call: Syscall, { fulfilled, value }: { fulfilled: boolean; value: unknown }): void {
    claim.phase = 'saving'
    claim.hasRun = true
    const at = this.kernel.clock.now()
    const { digest } = claim
    if (fulfilled) void this.#save(claim, { at, digest, value, owed: storable(call, value), by: durableIdOf(call) })
    else this.#settle(claim, false, () => value)
  }

  deserted({ id }: IdempotencyClaim): void {
    this.#claims.delete(id.toString('hex'))
  }

  /** Forgets what a call came to, once that is undone: who asks again makes it happen again. */
  async forget(name: string, by: string): Promise<void> {
    if (this.#unstored.get(name)?.by === by) this.#unstored.delete(name)
    await this.#book.forget(Buffer.from(name, 'hex'), by)
  }

  /** Looks whether the key was answered before, and else lets the call run. */
  async #ask(claim: IdempotencyClaim): Promise<void> {
    try {
      const unstored = this.#inRam(claim.id.toString('hex'))
      const kept = unstored ?? (await this.#book.find(claim.id))
      if (kept === undefined) {
        claim.run()
        this.kernel.settleDown()
      } else if (kept.digest !== claim.digest) this.#refuse(claim)
      else if (unstored === undefined) this.#recall(claim, kept as Answer)
      else {
        claim.phase = 'saving'
        await this.#save(claim, unstored)
      }
    } catch (error) {
      this.#settle(claim, false, () => error)
    }
  }

  /** Makes an answer durable, as far as it can be, before anybody hears it. */
  async #save(claim: IdempotencyClaim, answer: Unstored): Promise<void> {
    const { digest, value, owed, by } = answer
    claim.by = by
    const name = claim.id.toString('hex')
    if (owed === undefined) {
      this.#remember(name, answer)
      this.#settle(claim, true, () => value)
      return
    }
    try {
      const first = await this.#book.keep(claim.id, { digest, value: owed, by })
      this.#unstored.delete(name)
      if (first === undefined) {
        if (owed.codec === 'x') this.#remember(name, { ...answer, owed: undefined })
        this.#settle(claim, true, () => value)
      } else if (first.digest === digest) this.#recall(claim, first)
      else this.#refuse(claim)
    } catch (error) {
      // It happened: who asks again must not make it happen again.
      this.#remember(name, answer)
      this.#settle(claim, false, () => error)
    }
  }

  /** Returns an answer that the store does not hold, unless it is too old. */
  #inRam(name: string): Unstored | undefined {
    const { clock, limits } = this.kernel
    const answer = this.#unstored.get(name)
    if (answer === undefined || clock.now() - answer.at < limits.idempotencyMs) return answer
    this.#unstored.delete(name)
    return undefined
  }

  #remember(name: string, answer: Unstored): void {
    this.#unstored.delete(name)
    this.#unstored.set(name, answer)
    if (this.#unstored.size <= this.kernel.limits.idempotencyKeys) return
    const [oldest] = this.#unstored.keys()
    if (oldest !== undefined) this.#unstored.delete(oldest)
  }

  #recall(claim: IdempotencyClaim, { value, by }: Answer): void {
    claim.by = by
    if (value.codec === 'x') this.#settle(claim, false, ({ row }) => redacted(row.name))
    else this.#settle(claim, true, () => restored(value))
  }

  #refuse(claim: IdempotencyClaim): void {
    this.#settle(claim, false, ({ row }) => conflict(row.name))
  }

  #settle(claim: IdempotencyClaim, fulfilled: boolean, value: (call: Syscall) => unknown): void {
    this.deserted(claim)
    const calls = claim.release()
    const executed = claim.hasRun ? durableIdOf(calls[0]) : claim.by
    for (const call of calls) {
      if (call.state !== STATE.waiting) transition(call, STATE.waiting)
      const { isValue, got } = attempt(() => value(call))
      if (fulfilled) noteExecution(call, claim, executed)
      deliver(call, fulfilled && isValue, got)
    }
    this.kernel.settleDown()
  }
}

function durableIdOf(call: Syscall | undefined): string | undefined {
  return call?.record?.run.idOf(call.record.path)
}

/** Keeps for the journal which call was executed: one of which nobody can tell counts as itself. */
function noteExecution(call: Syscall, { id }: IdempotencyClaim, by = durableIdOf(call)): void {
  if (call.record !== undefined && by !== undefined) call.record.execution = { by, answer: id.toString('hex') }
}

/** What is kept may turn out to be damaged. */
function attempt(make: () => unknown): { readonly isValue: boolean; readonly got: unknown } {
  try {
    return { isValue: true, got: make() }
  } catch (error) {
    return { isValue: false, got: error }
  }
}

/** Names a key within its scope. */
function idOf({ owner, row }: Syscall, key: string): Buffer {
  const scope = JSON.stringify([owner.tree.tenant.name, owner.namespace, row.name, key])
  return hashOf(scope)
}

function storable(call: Syscall, value: unknown): Storable | undefined {
  if (call.record?.run.hidesResult(call) === true) return REDACTED
  const captured = capture(value)
  return captured.codec === 'x' ? undefined : captured
}

function redacted(row: string): AiosError {
  return new AiosError(
    'AIOS_NOT_CLONEABLE',
    `${row} was called with this idempotency key before, and fulfilled; its result was redacted, so nobody can have it again. It was not called once more.`,
    { details: { row, why: 'redacted' } },
  )
}

function conflict(row: string): AiosError {
  return new AiosError(
    'AIOS_IDEMPOTENCY_CONFLICT',
    `${row} was called with this idempotency key before, with another request. Give another request another key.`,
    { details: { row } },
  )
}

/** Gives a call its idempotency key; returns why it can have none, if so. */
export function nameCall(call: Syscall, key: string): AiosError | undefined {
  const { row } = call
  const why = refusalOf(row)
  if (why !== undefined)
    return new AiosError('AIOS_UNSUPPORTED', `${row.name} takes no idempotencyKey: ${why}.`, {
      details: { row: row.name },
    })
  const request = capture(row.plain === undefined ? call.request : row.plain(call.request))
  if (request.codec === 'x')
    return new AiosError(
      'AIOS_NOT_CLONEABLE',
      `Expected a request of plain data for ${row.name} with an idempotencyKey, got one that holds functions or handles.`,
      { details: { row: row.name } },
    )
  call.rare().idempotency = { key, request }
  return undefined
}

function refusalOf({ returns, runs, name }: Syscall['row']): string | undefined {
  if (returns === 'stream') return 'a stream is delivered once; use llm.chat'
  if (runs === 'waits') return 'it changes nothing, it only waits'
  return name === 'agent.spawn' ? 'a process has one parent; give a run its runId' : undefined
}
