import type { CoreRequest, Message, ToolResultPart } from '@aios/kernel'
import { checkOptions, messageParts, messageText, option } from '@aios/kernel/driver'
import { plainValue } from '../../core/plain-value.js'

/** Says what a text must be like: contain a string, match an expression, or pass a function. */
export type TextPattern = string | RegExp | ((text: string) => boolean)

/** Decides whether a rule of `mockModel` is for a request, and says so in words for messages. */
export interface RequestMatcher {
  /** What is wanted, such as `lastUser(/weather/)`. */
  readonly label: string
  /**
   * @param request - what the core received
   * @param index - number of requests before this one
   */
  matches(request: CoreRequest, index: number): boolean
}

const isPattern = option.union(
  'a string, a RegExp or a function',
  option.string,
  option.function,
  option.custom('', (value) => value instanceof RegExp),
)

function checkPattern(where: string, pattern: TextPattern): void {
  checkOptions(where, pattern, isPattern)
}

function fits(pattern: TextPattern, text: string): boolean {
  if (typeof pattern === 'function') return pattern(text)
  // search() heeds no lastIndex, so a global expression matches each time.
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) !== -1
}

const shown = (pattern: TextPattern): string =>
  typeof pattern === 'function'
    ? pattern.name || 'a function'
    : typeof pattern === 'string'
      ? JSON.stringify(pattern)
      : String(pattern)

const ofRole = (request: CoreRequest, role: Message['role']): readonly Message[] =>
  request.messages.filter((message) => message.role === role)

/** Returns the tool results that stand after the last answer of the model: those that the request brings. */
function broughtResults({ messages }: CoreRequest): readonly ToolResultPart[] {
  const results: ToolResultPart[] = []
  for (let at = messages.length - 1; at >= 0 && messages[at]?.role !== 'assistant'; at -= 1)
    for (const part of messageParts(messages[at]!)) if (part.type === 'tool-result') results.unshift(part)
  return results
}

/**
 * Matches a request whose last message is the user's and has this text. Where an agent comes back with the results of tools, the
 * last message is no longer the user's, so a rule of this kind answers each question once.
 *
 * @example
 * ```ts
 * import { lastUser, mockModel } from '@aios/llm/testing'
 *
 * const model = mockModel().on(lastUser(/weather/i)).says('Sunny.').otherwise('I only know the weather.')
 * console.log(model.id) // mock
 * ```
 */
export function lastUser(pattern: TextPattern): RequestMatcher {
  checkPattern('lastUser()', pattern)
  return {
    label: `lastUser(${shown(pattern)})`,
    matches: ({ messages }) => {
      const last = messages.at(-1)
      return last?.role === 'user' && fits(pattern, messageText(last))
    },
  }
}

/** Matches a request in which any message of the user has this text. */
export function anyUser(pattern: TextPattern): RequestMatcher {
  checkPattern('anyUser()', pattern)
  return {
    label: `anyUser(${shown(pattern)})`,
    matches: (request) => ofRole(request, 'user').some((message) => fits(pattern, messageText(message))),
  }
}

/** Matches a request whose system messages, joined by line breaks, have this text. */
export function system(pattern: TextPattern): RequestMatcher {
  checkPattern('system()', pattern)
  return {
    label: `system(${shown(pattern)})`,
    matches: (request) => fits(pattern, ofRole(request, 'system').map(messageText).join('\n')),
  }
}

/** Matches a request that offers the model a tool of this name. */
export function hasTool(name: string): RequestMatcher {
  checkOptions('hasTool()', name, option.name)
  return {
    label: `hasTool(${JSON.stringify(name)})`,
    matches: ({ tools = [] }) => tools.some((tool) => tool.name === name),
  }
}

/**
 * Matches a request that brings the result of a tool: one that stands after the model's last answer.
 *
 * @param name - of the tool. Default: any
 * @param pattern - what the result, as text or as JSON, must be like. Default: anything
 */
export function hasToolResult(name?: string, pattern?: TextPattern): RequestMatcher {
  if (name !== undefined) checkOptions('hasToolResult()', name, option.name)
  if (pattern !== undefined) checkPattern('hasToolResult()', pattern)
  const given = [
    ...(name === undefined ? [] : [JSON.stringify(name)]),
    ...(pattern === undefined ? [] : [shown(pattern)]),
  ]
  const outputText = ({ output }: ToolResultPart): string =>
    typeof output === 'string' ? output : output === undefined ? '' : JSON.stringify(plainValue(output))
  return {
    label: `hasToolResult(${given.join(', ')})`,
    matches: (request) =>
      broughtResults(request).some(
        (part) =>
          (name === undefined || part.name === name) && (pattern === undefined || fits(pattern, outputText(part))),
      ),
  }
}

/** Matches the request of this number, from 1, that reaches the core. */
export function nthRequest(n: number): RequestMatcher {
  checkOptions('nthRequest()', n, option.integer(1))
  return { label: `nthRequest(${n})`, matches: (_, index) => index === n - 1 }
}
