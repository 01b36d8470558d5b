import { AiosError } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { AssertionError } from 'node:assert'
import { isLike, needsRun, selected, type CallSelector, type RequestPattern } from './call-selector.js'
import { readTrace, type Trace, type TraceCall, type TraceSource } from './trace.js'

const SHOWN = { calls: 40, characters: 100 } as const

function shown(value: unknown): string {
  if (value === undefined) return ''
  const text = JSON.stringify(value, (_, each: unknown) => (each instanceof RegExp ? String(each) : each)) ?? ''
  return ` ${text.length > SHOWN.characters ? `${text.slice(0, SHOWN.characters)}…` : text}`
}

const lineOf = ({ name, outcome, errorCode, request }: TraceCall): string =>
  `${name}${shown(request)} ${outcome}${errorCode === undefined ? '' : ` ${errorCode}`}`

/** Writes the whole trace, with a mark at the calls that come nearest to what was wanted. */
function traceText({ calls }: Trace, near: (call: TraceCall) => boolean): string {
  if (calls.length === 0) return 'Nothing was called.'
  const lines = calls.slice(0, SHOWN.calls).map((call, n) => `${near(call) ? '>' : ' '} ${n + 1}. ${lineOf(call)}`)
  const rest = calls.length > SHOWN.calls ? [`  … and ${calls.length - SHOWN.calls} more`] : []
  return ['What was called:', ...lines, ...rest].join('\n')
}

interface Unmet {
  readonly message: string
  readonly actual: unknown
  readonly expected: unknown
  /** Marks the calls that come nearest. Default: none. */
  readonly near?: ((call: TraceCall) => boolean) | undefined
}

/**
 * Expects something of a trace. Every method throws an `AssertionError` of `node:assert`, which every test runner knows how to show, with
 * the whole trace in its message; else it returns something to go on with.
 */
export class TraceExpectation {
  /** What was called. */
  protected readonly trace: Trace

  constructor(trace: Trace) {
    this.trace = trace
  }

  /** Expects a call at least, and goes on about all calls of this kind. */
  called(selector: CallSelector): CallExpectation {
    const calls = this.trace.calls.filter(selected(this.trace, selector))
    if (calls.length === 0) {
      const family = selector.startsWith('tool:') ? 'tool.' : selector.slice(0, selector.indexOf('.') + 1)
      this.fail({
        message: `Expected a call of ${selector}, got none.`,
        actual: this.#names(),
        expected: [selector],
        near: ({ name }) => name.startsWith(family),
      })
    }
    return new CallExpectation(this.trace, selector, calls)
  }

  /** Expects no call. */
  notCalled(selector: CallSelector): this {
    const isMeant = selected(this.trace, selector)
    const count = this.trace.calls.filter(isMeant).length
    if (count > 0)
      this.fail({
        message: `Expected no call of ${selector}, got ${count}.`,
        actual: count,
        expected: 0,
        near: isMeant,
      })
    return this
  }

  /** Expects these calls one after the other, whatever else was called between them. */
  inOrder(...selectors: readonly CallSelector[]): this {
    let found = 0
    const wanted = selectors.map((selector) => selected(this.trace, selector))
    const met = new Set<TraceCall>()
    for (const call of this.trace.calls) {
      if (wanted[found]?.(call) !== true) continue
      met.add(call)
      found += 1
    }
    if (found < wanted.length)
      this.fail({
        message: `Expected ${selectors.join(', then ')}, got no ${selectors[found]!}${found === 0 ? '' : ` after ${selectors.slice(0, found).join(', ')}`}.`,
        actual: this.#names(),
        expected: selectors,
        near: (call) => met.has(call),
      })
    return this
  }

  /** Expects that no tool was called twice with the same input. */
  noDuplicateTools(): this {
    if (!this.trace.hasRequests) throw needsRun('tools that were called twice')
    const seen = new Map<string, TraceCall>()
    for (const call of this.trace.calls.filter(({ tool }) => tool !== undefined)) {
      const asked = JSON.stringify(call.request)
      const first = seen.get(asked)
      if (first !== undefined)
        this.fail({
          message: `Expected no tool to be called twice with the same input, got ${call.tool!} twice.`,
          actual: call.request,
          expected: 'one call',
          near: (each) => each === first || each === call,
        })
      seen.set(asked, call)
    }
    return this
  }

  /**
   * Expects that never more than so many calls were on their devices at once.
   *
   * @throws AiosError `AIOS_UNSUPPORTED` for a run of the journal, which does not hold when a device was asked: use `recordEvents`
   */
  maxConcurrent(selector: CallSelector, most: number): this {
    checkOptions('maxConcurrent()', most, option.integer(0))
    const { moments } = this.trace
    if (moments === undefined)
      throw new AiosError(
        'AIOS_UNSUPPORTED',
        'Expected events, as recordEvents(kernel) returns them, for maxConcurrent(), got a run.',
      )
    const isMeant = selected(this.trace, selector)
    let [running, peak] = [0, 0]
    for (const { name, delta } of moments) {
      if (!isMeant({ name, tool: undefined })) continue
      running += delta
      peak = Math.max(peak, running)
    }
    if (peak > most)
      this.fail({
        message: `Expected at most ${most} calls of ${selector} at once, got ${peak}.`,
        actual: peak,
        expected: most,
        near: isMeant,
      })
    return this
  }

  /** Expects that every call has settled. */
  allSettled(): this {
    const open = this.trace.calls.filter(({ outcome }) => outcome === 'open')
    if (open.length > 0)
      this.fail({
        message: `Expected every call to have settled, got ${open.length} that had not.`,
        actual: open.length,
        expected: 0,
        near: ({ outcome }) => outcome === 'open',
      })
    return this
  }

  /** Throws what was not met. */
  protected fail({ message, actual, expected, near = () => false }: Unmet): never {
    throw new AssertionError({
      message: `${message}\n${traceText(this.trace, near)}`,
      actual,
      expected,
      operator: 'expectTrace',
    })
  }

  #names(): readonly string[] {
    return this.trace.calls.map(({ name, tool }) => (tool === undefined ? name : `tool:${tool}`))
  }
}

/** Expects something of some calls of a trace, and then of the whole of it again. */
export class CallExpectation extends TraceExpectation {
  readonly #selector: CallSelector
  readonly #calls: readonly TraceCall[]

  constructor(trace: Trace, selector: CallSelector, calls: readonly TraceCall[]) {
    super(trace)
    this.#selector = selector
    this.#calls = calls
  }

  /** Expects so many calls, no more and no fewer. */
  times(count: number): this {
    checkOptions('times()', count, option.integer(0))
    const got = this.#calls.length
    if (got !== count) this.#miss(`Expected ${count} calls of ${this.#selector}, got ${got}.`, [got, count])
    return this
  }

  /** Expects so many calls or more. */
  atLeast(count: number): this {
    checkOptions('atLeast()', count, option.integer(0))
    const got = this.#calls.length
    if (got < count) this.#miss(`Expected ${count} calls of ${this.#selector} or more, got ${got}.`, [got, count])
    return this
  }

  /** Expects that the first of these calls was made before the first of others. */
  before(selector: CallSelector): this {
    return this.#ordered(selector, 'before')
  }

  /** Expects that the first of these calls was made after the first of others. */
  after(selector: CallSelector): this {
    return this.#ordered(selector, 'after')
  }

  /**
   * Expects one of these calls at least to ask for this, and goes on about those that do.
   *
   * @param pattern - what the request must at least hold, with expressions for texts; or a function of it
   */
  with(pattern: RequestPattern): CallExpectation {
    if (!this.trace.hasRequests) throw needsRun('what a call asked for')
    const like = this.#calls.filter(({ request }) => isLike(request, pattern))
    if (like.length === 0)
      this.#miss(
        `Expected a call of ${this.#selector} with ${typeof pattern === 'function' ? 'what the function wants' : shown(pattern).trim()}, got none.`,
        [this.#calls.map(({ request }) => request), pattern],
      )
    return new CallExpectation(this.trace, this.#selector, like)
  }

  /** Expects that all of these calls fulfilled. */
  succeeded(): this {
    const bad = this.#calls.find(({ outcome }) => outcome !== 'fulfilled')
    if (bad !== undefined)
      this.#miss(`Expected every call of ${this.#selector} to succeed, got one that ${said(bad)}.`, [
        said(bad),
        'fulfilled',
      ])
    return this
  }

  /**
   * Expects that one of these calls at least failed.
   *
   * @param code - of its error. Default: any
   */
  failed(code?: string): this {
    const isFailed = ({ outcome, errorCode }: TraceCall): boolean =>
      outcome === 'rejected' && (code === undefined || errorCode === code)
    if (!this.#calls.some(isFailed))
      this.#miss(
        `Expected a call of ${this.#selector} to fail${code === undefined ? '' : ` with ${code}`}, got none.`,
        [this.#calls.map(said), code ?? 'rejected'],
      )
    return this
  }

  #ordered(selector: CallSelector, order: 'before' | 'after'): this {
    const isOther = selected(this.trace, selector)
    const other = this.trace.calls.findIndex(isOther)
    const own = this.trace.calls.indexOf(this.#calls[0]!)
    const isMet = other !== -1 && (order === 'before' ? own < other : own > other)
    if (!isMet)
      this.fail({
        message: `Expected ${this.#selector} ${order} ${selector}, got ${other === -1 ? `no ${selector}` : 'it the other way round'}.`,
        actual: other === -1 ? [this.#selector] : [own, other],
        expected: `${this.#selector} ${order} ${selector}`,
        near: (call) => isOther(call) || this.#calls.includes(call),
      })
    return this
  }

  #miss(message: string, [actual, expected]: readonly [actual: unknown, expected: unknown]): never {
    return this.fail({ message, actual, expected, near: (call) => this.#calls.includes(call) })
  }
}

const said = ({ outcome, errorCode }: TraceCall): string =>
  errorCode === undefined ? outcome : `${outcome} with ${errorCode}`

/**
 * Expects things of what an agent did, in any test runner: which syscalls it made, how often, in what order, with what and to what end.
 *
 * @param source - a run of a kernel with a journal (`await kernel.readRun(runId)`), which holds everything; or what `recordEvents`
 *   recorded, which holds neither requests nor names of tools, but when calls were on their devices
 * @throws AiosError `AIOS_INVALID_OPTION` for what is neither. Its methods throw `AssertionError`
 * @example
 * ```ts
 * import { createKernel, type Agent } from '@aios/kernel'
 * import { expectTrace, scriptedCore } from '@aios/llm/testing'
 *
 * const agent: Agent<string, string> = async (sys, content) =>
 *   (await sys.llm.chat({ messages: [{ role: 'user', content }] })).text
 * const kernel = await createKernel({ llm: scriptedCore(['Four.']), journal: true })
 * const process = kernel.spawn(agent, 'What is 2 + 2?')
 * await process.result
 * expectTrace(await kernel.readRun(process.runId))
 *   .called('llm.chat').times(1).with({ messages: [{ content: /2 \+ 2/ }] }).succeeded()
 *   .notCalled('tool.*')
 * await kernel.close()
 * ```
 */
export function expectTrace(source: TraceSource): TraceExpectation {
  return new TraceExpectation(readTrace(source))
}
