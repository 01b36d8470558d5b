import { AiosError } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import type { Trace, TraceCall } from './trace.js'

/**
 * Chooses calls of a trace: the name of a syscall such as `llm.chat`, a whole family such as `llm.*`, or a tool such as `tool:add`, by its
 * full or its bare name.
 */
export type CallSelector = string

/** Is what a request must be like: a function of it, an expression for a text, or what it must at least hold. */
export type RequestPattern = ((request: never) => boolean) | object | string | number | boolean | null

const TOOL = 'tool:'

/**
 * @throws AiosError `AIOS_INVALID_OPTION` for what selects nothing ever; `AIOS_UNSUPPORTED` for a tool in a trace that knows none
 */
export function selected(trace: Trace, selector: CallSelector): (call: Pick<TraceCall, 'name' | 'tool'>) => boolean {
  checkOptions('expectTrace()', selector, option.name)
  if (selector.startsWith(TOOL)) {
    const wanted = selector.slice(TOOL.length)
    if (!trace.hasRequests) throw needsRun(`the calls of one tool, "${selector}",`)
    return ({ tool }) => tool === wanted || tool?.endsWith(`/${wanted}`) === true
  }
  if (!/^[a-z]\w*\.(\w+|\*)$/.test(selector))
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected the name of a syscall such as llm.chat or llm.*, or a tool such as tool:add, for expectTrace(), got "${selector}".`,
    )
  const family = selector.endsWith('*') ? selector.slice(0, -1) : undefined
  return ({ name }) => (family === undefined ? name === selector : name.startsWith(family))
}

/** Makes the error of a question that only a journal answers. */
export function needsRun(what: string): AiosError {
  return new AiosError(
    'AIOS_UNSUPPORTED',
    `Expected a run of the journal to look for ${what}, got events, which do not hold requests. Use createKernel({ journal: true }) and kernel.readRun(runId).`,
  )
}

/** Whether a value has at least what a pattern has: objects some of their keys, arrays each of their items. */
export function isLike(value: unknown, pattern: unknown): boolean {
  if (typeof pattern === 'function') return (pattern as (value: unknown) => boolean)(value)
  if (pattern instanceof RegExp) return typeof value === 'string' && value.search(pattern) !== -1
  if (Array.isArray(pattern))
    return Array.isArray(value) && value.length === pattern.length && pattern.every((each, n) => isLike(value[n], each))
  if (isRecord(pattern))
    return isRecord(value) && Object.entries(pattern).every(([key, each]) => isLike(value[key], each))
  return Object.is(value, pattern)
}
