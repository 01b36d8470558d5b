/** All features at once, with random options: whatever happens, every call settles once and nothing leaks. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../setup/runs.js'
import { scenario, step } from './together/arbitrary-scenario.js'
import { playScenario } from './together/play-scenario.js'

const stray: unknown[] = []
const note = (reason: unknown): void => void stray.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

describe('all features together, at random', () => {
  it(
    'settle every call once, leak nothing, exceed no limit and deliver the right text',
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(scenario, fc.array(step, { maxLength: 30 }), async (options, steps) => {
          stray.length = 0
          await playScenario(options, steps)
          expect(stray).toEqual([])
        }),
        { numRuns: runs(60, 3_000) },
      )
    },
  )
})
