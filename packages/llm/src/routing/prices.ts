import type { CorePrice, LlmCoreView } from '@aios/kernel'
import { option, type OptionField } from '@aios/kernel/driver'

/** Maps ids of cores or names of models to prices in US dollars for a million tokens. */
export type PriceTable = Readonly<Record<string, CorePrice>>

const usd = (inputUsdPerMTok: number, outputUsdPerMTok: number): CorePrice =>
  Object.freeze({ inputUsdPerMTok, outputUsdPerMTok })

/**
 * Holds list prices of well-known models, as their providers' public price pages had them in November 2025: standard tier,
 * short prompts, nothing cached. Prices change; pass a table of your own where money depends on them.
 */
export const PRICES: PriceTable = Object.freeze({
  'claude-haiku-4-5': usd(1, 5),
  'claude-opus-4-1': usd(15, 75),
  'claude-opus-4-5': usd(5, 25),
  'claude-sonnet-4-5': usd(3, 15),
  'gemini-2.5-flash': usd(0.3, 2.5),
  'gemini-2.5-flash-lite': usd(0.1, 0.4),
  'gemini-2.5-pro': usd(1.25, 10),
  'gpt-4.1': usd(2, 8),
  'gpt-4.1-mini': usd(0.4, 1.6),
  'gpt-4.1-nano': usd(0.1, 0.4),
  'gpt-4o': usd(2.5, 10),
  'gpt-4o-mini': usd(0.15, 0.6),
  'gpt-5': usd(1.25, 10),
  'gpt-5-mini': usd(0.25, 2),
  'gpt-5-nano': usd(0.05, 0.4),
  o3: usd(2, 8),
  'o4-mini': usd(1.1, 4.4),
})

/** What providers append to the name of a model to mean one state of it. */
const DATED = /-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$/

const amount = option.number(0)

/** Accepts a {@link PriceTable}. */
export const isPriceTable: OptionField = (value, path) => {
  const problem = option.record(value, path)
  if (problem !== undefined) return problem
  const price = option.object({ inputUsdPerMTok: amount, outputUsdPerMTok: amount })
  for (const [name, given] of Object.entries(value as object)) {
    const wrong = price(given, `${path}.${name}`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

/** Knows what cores cost: by the user's table, else by what they declare, else by {@link PRICES}. */
export class PriceBook {
  readonly #given: ReadonlyMap<string, CorePrice>
  readonly #known: ReadonlyMap<string, CorePrice> = new Map(Object.entries(PRICES))

  constructor(given: PriceTable = {}) {
    this.#given = new Map(Object.entries(given))
  }

  /** Returns the price of a core; undefined where nobody knows it. */
  of({ id, model, price }: LlmCoreView): CorePrice | undefined {
    const named = this.#given.get(id) ?? found(this.#given, model)
    return named ?? price ?? found(this.#known, model)
  }
}

function found(table: ReadonlyMap<string, CorePrice>, model: string): CorePrice | undefined {
  return table.get(model) ?? table.get(model.replace(DATED, ''))
}
