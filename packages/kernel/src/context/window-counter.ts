import type { CoreRequest } from '../driver/chat.js'
import type { LlmDriver } from '../driver/llm-driver.js'
import { messageParts, type Message } from '../driver/message.js'
import { inputBound } from '../syscall/chat/estimate.js'
import { counted } from './counted.js'
import type { TokenCount } from './fitted-context.js'
import type { ReportedUsage } from './reported-usage.js'

/** Is what a conversation has to fit into. */
export interface Window {
  readonly core: LlmDriver
  /** The request that the conversation stands in; its tools and its format count too. */
  readonly request: CoreRequest
  readonly windowTokens: number
  /** Tokens of the window that are kept for the answer. */
  readonly reservedTokens: number
  readonly reported: ReportedUsage
}

/** Counts the tokens of a conversation as the request of a call: by the core, else by the provider's reports, else by a bound. */
export class WindowCounter {
  readonly windowTokens: number
  readonly reservedTokens: number
  readonly #window: Window

  constructor(window: Window) {
    this.#window = window
    this.windowTokens = window.windowTokens
    this.reservedTokens = window.reservedTokens
  }

  /** Whether the request fits by the bound alone, so that nobody has to count. The kernel's own does not bound files. */
  get surelyFits(): boolean {
    const { core, request, windowTokens, reservedTokens } = this.#window
    if (this.#bound(request) > windowTokens - reservedTokens) return false
    return (
      (core.countTokens === undefined && this.#window.reported.count(core.id, request) === undefined) ||
      core.estimate !== undefined ||
      !hasFile(request.messages)
    )
  }

  async count(messages: readonly Message[]): Promise<TokenCount> {
    const { core, reported } = this.#window
    const request = { ...this.#window.request, messages }
    if (core.countTokens !== undefined)
      return { tokens: counted(await core.countTokens(request), `countTokens of core ${core.id}`), source: 'core' }
    const known = reported.count(core.id, request)
    if (known !== undefined) return { tokens: known, source: 'provider' }
    return { tokens: this.#bound(request), source: 'estimated' }
  }

  #bound(request: CoreRequest): number {
    const { core } = this.#window
    const bound = core.estimate?.(request) ?? inputBound(request)
    return counted(bound, `estimate of core ${core.id}`)
  }
}

function hasFile(messages: readonly Message[]): boolean {
  return messages.some((message) => messageParts(message).some(({ type }) => type === 'file'))
}
