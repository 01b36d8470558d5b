import { AiosError, type CoreRequest } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { prepare } from '../prepared-answer.js'
import { scriptedCore, type ScriptedCore, type ScriptedOptions } from '../scripted-core.js'
import type { ScriptedReply, ScriptedStep, ScriptedToolCall } from '../scripted-step.js'
import type { RequestMatcher } from './matcher.js'
import { requestText } from './request-text.js'
import { calls, hangs, says, throws, type FailureKind, type ThrowsOptions } from './steps.js'

/** Is a matcher, or a function that is one. */
export type RequestMatch = RequestMatcher | RequestMatcher['matches']

/** Is a rule of a {@link MockModel} that does not yet say what it answers. Every method but `times` returns the model. */
export interface MockRule {
  /** Lets the rule answer so many requests, 1 or more, and no further one. Default: any number. */
  times(count: number): MockRule
  /** Answers with a text. */
  says(text: string, options?: Omit<ScriptedReply, 'text' | 'tokens' | 'json'>): MockModel
  /** Calls a tool. */
  callsTool(name: string, input?: unknown): MockModel
  /** Calls several tools in one answer. */
  callsTools(toolCalls: readonly ScriptedToolCall[]): MockModel
  /** Answers with a value as JSON. */
  json(value: unknown): MockModel
  /** Fails. */
  throws(what: FailureKind | Error, options?: ThrowsOptions): MockModel
  /** Never answers. */
  hangs(): MockModel
  /** Answers with any step of a script. */
  replies(step: ScriptedStep): MockModel
}

/** Is a core that answers by rules, and remembers what it was asked. */
export interface MockModel extends ScriptedCore {
  /** Number of rules that have answered less than they are meant to: once, or as often as `times` says. */
  readonly remaining: number
  /** Begins a rule for requests that match everything given. The first rule that matches answers. */
  on(...matchers: readonly RequestMatch[]): MockRule
  /** Answers whatever no rule is for. Without it such a request fails. */
  otherwise(step: ScriptedStep): MockModel
  /**
   * Throws if a request came that no rule was for, also where the agent swallowed its error, or a rule was not used.
   *
   * @throws AiosError `AIOS_DRIVER_FAILED`, naming the request or the rules
   */
  assertDone(): void
}

interface Rule {
  readonly matchers: readonly RequestMatcher[]
  readonly times: number | undefined
  readonly step: ScriptedStep
  used: number
}

const isMatch = option.union(
  'a matcher, or a function of the request',
  option.function,
  option.custom('', (value) => typeof (value as Partial<RequestMatcher> | undefined)?.matches === 'function'),
)
const TIMING = { latencyMs: 0, tokenMs: 0 }

const labelOf = ({ matchers, times }: Rule): string =>
  `on(${matchers.map(({ label }) => label).join(', ')})${times === undefined ? '' : `.times(${times})`}`

const isSpent = ({ times, used }: Rule): boolean => times !== undefined && used >= times
const isUnused = ({ times, used }: Rule): boolean => used < (times ?? 1)

/** Holds rules, and what became of them. */
class RuleBook {
  readonly #core: string
  readonly #rules: Rule[] = []
  #fallback: ScriptedStep | undefined
  #unmatched: AiosError | undefined

  constructor(core: string) {
    this.#core = core
  }

  get unused(): readonly Rule[] {
    return this.#rules.filter(isUnused)
  }

  add(rule: Omit<Rule, 'used'>): void {
    expectStep(rule.step, `rule ${this.#rules.length + 1} of mockModel()`)
    this.#rules.push({ ...rule, used: 0 })
  }

  setFallback(step: ScriptedStep): void {
    expectStep(step, 'otherwise() of mockModel()')
    this.#fallback = step
  }

  answer(request: CoreRequest, index: number): ScriptedStep {
    const rule = this.#rules.find(
      (each) => !isSpent(each) && each.matchers.every((matcher) => matcher.matches(request, index)),
    )
    if (rule === undefined) {
      if (this.#fallback !== undefined) return this.#fallback
      const error = this.#unmatchedError(request, index)
      this.#unmatched ??= error
      throw error
    }
    rule.used += 1
    return rule.step
  }

  assertDone(): void {
    if (this.#unmatched !== undefined) throw this.#unmatched
    const unused = this.unused.map((rule) => `${labelOf(rule)} answered ${rule.used}`)
    if (unused.length === 0) return
    const message = `Expected every rule of core "${this.#core}" to be used, got ${unused.length} that were not: ${unused.join('; ')}.`
    throw new AiosError('AIOS_DRIVER_FAILED', message)
  }

  #unmatchedError(request: CoreRequest, index: number): AiosError {
    const misses = this.#rules.map((rule) => `  ${labelOf(rule)}: ${missOf(rule, request, index)}`)
    const rules = misses.length === 0 ? '  it has no rules' : misses.join('\n')
    return new AiosError(
      'AIOS_DRIVER_FAILED',
      `No rule of core "${this.#core}" is for request ${index + 1}: ${requestText(request)}.\n${rules}\nAdd a rule, or otherwise().`,
    )
  }
}

/** A wrong step shows where the rule is written, not where an agent comes to it. */
function expectStep(step: ScriptedStep, where: string): void {
  if (typeof step !== 'function') prepare(step, { where, index: 0, timing: TIMING })
}

function missOf(rule: Rule, request: CoreRequest, index: number): string {
  if (isSpent(rule)) return 'it has answered as often as it may'
  const missing = rule.matchers.filter((matcher) => !matcher.matches(request, index))
  return `not ${missing.map(({ label }) => label).join(', not ')}`
}

function matcherOf(match: RequestMatch): RequestMatcher {
  checkOptions('mockModel().on()', match, isMatch)
  return typeof match === 'function' ? { label: match.name || 'a function', matches: match } : match
}

function ruleOf(model: MockModel, book: RuleBook, draft: Pick<Rule, 'matchers' | 'times'>): MockRule {
  const replies = (step: ScriptedStep): MockModel => {
    book.add({ ...draft, step })
    return model
  }
  return {
    times: (count) => {
      checkOptions('mockModel().on().times()', count, option.integer(1))
      return ruleOf(model, book, { ...draft, times: count })
    },
    says: (text, options) => replies(says(text, options)),
    callsTool: (name, input) => replies(calls(name, input)),
    callsTools: (toolCalls) => replies({ toolCalls }),
    json: (value) => replies({ json: value }),
    throws: (what, options) => replies(throws(what, options)),
    hangs: () => replies(hangs()),
    replies,
  }
}

/**
 * Makes a core for tests that answers by rules: the first one that is for a request answers it. It is a `scriptedCore` with another
 * way to write its script, and strict: a request that no rule is for fails, and says of each rule why.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, and in its methods for what cannot be
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { hasToolResult, lastUser, mockModel } from '@aios/llm/testing'
 *
 * const model = mockModel()
 *   .on(lastUser(/weather/i)).callsTool('get_weather', { city: 'Paris' })
 *   .on(hasToolResult('get_weather')).says('It is 21 degrees.')
 * const kernel = await createKernel({ llm: model })
 * const { toolCalls } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'How is the weather?' }] })
 * console.log(toolCalls[0]?.name) // get_weather
 * await kernel.close()
 * ```
 */
export function mockModel(options: Omit<ScriptedOptions, 'repeat'> = {}): MockModel {
  const { id = 'mock', model: name = 'mock', ...rest } = options
  const book = new RuleBook(id)
  const answer: ScriptedStep = (request, index) => {
    const step = book.answer(request, index)
    return typeof step === 'function' ? step(request, index) : step
  }
  const core = scriptedCore([answer], { ...rest, id, model: name, repeat: true })
  const own = {
    get remaining() {
      return book.unused.length
    },
    on: (...matchers: readonly RequestMatch[]) =>
      ruleOf(model, book, { matchers: matchers.map(matcherOf), times: undefined }),
    otherwise: (step: ScriptedStep) => {
      book.setFallback(step)
      return model
    },
    assertDone: () => {
      book.assertDone()
    },
  }
  const model: MockModel = Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(core), ...Object.getOwnPropertyDescriptors(own) },
  ) as MockModel
  return model
}
