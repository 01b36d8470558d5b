import { messageParts, type ChatRequest, type LlmCoreView } from '@aios/kernel/driver'
import type { CoreRecords } from './core-records.js'
import type { PriceBook } from './prices.js'
import { expectedLatencyMs, expectedUsd } from './expectation.js'
import { inputTokens } from './request-size.js'

/** Is what the filters go by beside the request and the cores. */
export interface FilterKnowledge {
  readonly records: CoreRecords
  readonly prices: PriceBook
  readonly now: number
}

/** Says what a request has to have of a model. */
interface Wanted {
  readonly tools: boolean
  readonly images: boolean
  readonly files: boolean
}

/**
 * Returns the cores that a request may go to: those it names, that can do what it takes, into whose window it fits, and
 * whose price and pace are within what it requires. What is not known of a core is taken as possible, but for a price: who
 * bounds the cost gets no core that nobody knows the price of.
 */
export function allowedCores(
  request: ChatRequest,
  cores: readonly LlmCoreView[],
  { records, prices, now }: FilterKnowledge,
): readonly LlmCoreView[] {
  const { require } = request
  const wanted = wantedBy(request)
  const tokens = inputTokens(request)
  const needed = tokens + (request.maxOutputTokens ?? 0)
  return cores.filter((core) => {
    if (!isNamed(request, core) || !isAble(core, wanted)) return false
    if (core.contextWindow !== undefined && needed > core.contextWindow) return false
    const view = { core, request, tokens, records, prices, now }
    const { maxUsd, maxLatencyMs } = require ?? {}
    if (maxUsd !== undefined && !((expectedUsd(view) ?? Number.POSITIVE_INFINITY) <= maxUsd)) return false
    return maxLatencyMs === undefined || (expectedLatencyMs(view) ?? 0) <= maxLatencyMs
  })
}

/** Tells whether an entry of `llms`, or `model`, means a core. */
export function isMeant(core: LlmCoreView, name: string, backend?: string): boolean {
  return (core.id === name || core.model === name) && (backend === undefined || core.backend === backend)
}

function isNamed({ model, llms }: ChatRequest, core: LlmCoreView): boolean {
  if (model !== undefined && !isMeant(core, model)) return false
  return llms === undefined || llms.some(({ name, backend }) => isMeant(core, name, backend))
}

function isAble({ capabilities }: LlmCoreView, { tools, images, files }: Wanted): boolean {
  if (tools && capabilities.tools === false) return false
  if (images && capabilities.images === false) return false
  return !(files && capabilities.files === false)
}

function wantedBy({ messages, tools, toolChoice }: ChatRequest): Wanted {
  let [images, files] = [false, false]
  for (const message of messages) {
    if (typeof message.content === 'string') continue
    for (const part of messageParts(message)) {
      if (part.type !== 'file') continue
      if (part.mediaType.startsWith('image/')) images = true
      else files = true
    }
  }
  return { tools: tools !== undefined && tools.length > 0 && toolChoice !== 'none', images, files }
}
