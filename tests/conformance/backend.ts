import { llmConformance, type LlmAbility, type LlmGround } from '@aios/llm/testing'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

/** Is one column of docs/reference/backends.md: a core on a ground. */
export interface Backend {
  readonly core: string
  /** What it was put in front of. */
  readonly over: string
  /** Says why the ground cannot do what it cannot. */
  readonly because?: Partial<Record<LlmAbility, string>>
  /** Cases that the ground cannot play though it has the ability, each with the reason. */
  readonly beyond?: Readonly<Record<string, string>>
}

/** By case: `passed`, or why it was left out. */
type Outcomes = Record<string, string>

const RECORD = new URL('backends.json', import.meta.url)
const FRESH = new URL('../../.reports/backends/', import.meta.url)
const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Readonly<Record<string, Outcomes>>

function namesWithout(cannot: readonly LlmAbility[], ground: LlmGround): Set<string> {
  return new Set(llmConformance({ ...ground, cannot }).map(({ name }) => name))
}

function leftOutBefore({ because = {}, beyond = {} }: Backend, ground: LlmGround): Outcomes {
  const outcomes: Outcomes = {}
  const all = namesWithout([], ground)
  for (const ability of ground.cannot ?? []) {
    const left = namesWithout([ability], ground)
    for (const name of all) if (!left.has(name)) outcomes[name] = because[ability] ?? `the ground cannot: ${ability}`
  }
  for (const [name, why] of Object.entries(beyond)) {
    if (!all.has(name)) throw new Error(`Expected a case of the suite, got "${name}".`)
    outcomes[name] = why
  }
  return outcomes
}

/**
 * Puts a core to the conformance suite on a ground, and holds `backends.json` to the outcome, from which
 * docs/reference/backends.md is written. With AIOS_BACKENDS=record it writes the outcome down instead.
 */
export function proveBackend(backend: Backend, ground: LlmGround): void {
  const title = `${backend.core} over ${backend.over}`
  describe(title, () => {
    const outcomes = leftOutBefore(backend, ground)
    const leftOut = (name: string, why: string): void => {
      outcomes[name] = why
      ground.leftOut?.(name, why)
    }
    const cases = llmConformance({ ...ground, leftOut })
    for (const { name, run } of cases) {
      if (outcomes[name] !== undefined) continue
      it(name, async () => {
        await run()
        outcomes[name] ??= 'passed'
      })
    }

    if (process.env['AIOS_BACKENDS'] === 'record') {
      afterAll(() => {
        mkdirSync(FRESH, { recursive: true })
        const file = fileURLToPath(new URL(`${title.replace(/[^\w]+/g, '-')}.json`, FRESH))
        writeFileSync(file, JSON.stringify({ [title]: outcomes }))
      })
    } else {
      it('did what docs/reference/backends.md says of it (npm run backends writes that anew)', () => {
        expect(outcomes).toEqual(recorded[title])
      })
    }
  })
}
