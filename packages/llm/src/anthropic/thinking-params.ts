import type { ChatRequest, CoreWarning } from '@aios/kernel'

type Reasoning = NonNullable<ChatRequest['reasoning']>

/** Says how to ask a model to think. */
export interface ThinkingMapping {
  readonly style: 'adaptive' | 'budget'
  /** Most tokens of the answer, of which the model thinks with a part. */
  readonly maxTokens: number
  readonly warnings: CoreWarning[]
}

/** Is the part of a request that says how much to think. */
export interface ThinkingParams {
  readonly thinking?: object
  readonly output_config?: { readonly effort: string }
}

const EFFORT = { minimal: 'low', low: 'low', medium: 'medium', high: 'high' } as const
/** Shares of the answer's tokens that a model may think with. */
const SHARE = { minimal: 0, low: 0.25, medium: 0.5, high: 0.75 } as const
/** The API takes no smaller budget, and none that leaves nothing to say. */
const LEAST_BUDGET = 1_024

function withEffort(reasoning: Exclude<Reasoning, 'none'>, warnings: CoreWarning[]): ThinkingParams {
  if (reasoning === 'minimal') {
    warnings.push({ setting: 'reasoning', message: 'The effort "minimal" was sent as "low", the least there is.' })
  }
  return { thinking: { type: 'adaptive' }, output_config: { effort: EFFORT[reasoning] } }
}

function withBudget(reasoning: Exclude<Reasoning, 'none'>, { maxTokens, warnings }: ThinkingMapping): ThinkingParams {
  const budget = Math.max(LEAST_BUDGET, Math.floor(maxTokens * SHARE[reasoning]))
  if (budget < maxTokens) return { thinking: { type: 'enabled', budget_tokens: budget } }
  const message = `Thinking takes at least ${LEAST_BUDGET} tokens: maxOutputTokens ${maxTokens} leaves no room for it.`
  warnings.push({ setting: 'reasoning', message })
  return {}
}

/** Translates how hard a model should think; nothing where the request does not say. */
export function thinkingParams(reasoning: ChatRequest['reasoning'], mapping: ThinkingMapping): ThinkingParams {
  if (reasoning === undefined) return {}
  if (reasoning === 'none') return { thinking: { type: 'disabled' } }
  return mapping.style === 'adaptive' ? withEffort(reasoning, mapping.warnings) : withBudget(reasoning, mapping)
}
