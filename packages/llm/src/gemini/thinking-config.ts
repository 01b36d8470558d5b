import type { ChatRequest, CoreWarning } from '@aios/kernel'

type Reasoning = NonNullable<ChatRequest['reasoning']>
type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'
type ThinkingConfig = Readonly<Record<string, unknown>>

const BUDGETS: Readonly<Record<Reasoning, number>> = { none: 0, minimal: 512, low: 1_024, medium: 8_192, high: 24_576 }
/** Gemini 2.5 Pro thinks at least for so many tokens. */
const LEAST_PRO_BUDGET = 128
const LEVELS: Readonly<Record<Reasoning, Level>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
}

/** Reads the version out of a model's name; a name without one means the latest. */
function versionOf(model: string): number {
  const [, version] = /gemini-(\d+(?:\.\d+)?)/.exec(model) ?? []
  return version === undefined ? Number.POSITIVE_INFINITY : Number(version)
}

/** Whether a model belongs to Gemini 3 or later, which thinks in levels and checks signatures. */
export function isGemini3(model: string): boolean {
  return versionOf(model) >= 3
}

function levelOf(reasoning: Reasoning, model: string): Level {
  const level = LEVELS[reasoning]
  if (!model.includes('pro')) return level
  if (level === 'MINIMAL') return 'LOW'
  return level === 'MEDIUM' && versionOf(model) < 3.1 ? 'HIGH' : level
}

/**
 * Translates how hard the model should think: `thinkingBudget` for Gemini 2.5, `thinkingLevel` from Gemini 3 on, as far as
 * the model has it. What it has not becomes the nearest, with a warning.
 *
 * @returns undefined for a model that does not think
 */
export function thinkingConfig(
  reasoning: Reasoning,
  model: string,
  warnings: CoreWarning[],
): ThinkingConfig | undefined {
  const warn = (message: string): void => void warnings.push({ setting: 'reasoning', message })
  const includeThoughts = reasoning !== 'none'
  const version = versionOf(model)
  if (version < 2.5) {
    if (reasoning !== 'none') warn(`The setting was left out: ${model} does not think.`)
    return undefined
  }
  if (version < 3) {
    const isForced = reasoning === 'none' && model.includes('pro')
    if (isForced) warn(`${model} always thinks: it was asked for ${LEAST_PRO_BUDGET} tokens at most.`)
    return { thinkingBudget: isForced ? LEAST_PRO_BUDGET : BUDGETS[reasoning], includeThoughts }
  }
  const thinkingLevel = levelOf(reasoning, model)
  if (reasoning === 'none') warn(`${model} always thinks: it was asked for the level ${thinkingLevel}.`)
  else if (thinkingLevel !== LEVELS[reasoning]) warn(`${model} has no such level: it was asked for ${thinkingLevel}.`)
  return { thinkingLevel, includeThoughts }
}
