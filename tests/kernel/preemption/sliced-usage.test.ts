import { describe, expect, it } from 'vitest'
import { ProcessContext } from '../../../packages/kernel/src/preemption/process-context.js'
import { slicedUsage } from '../../../packages/kernel/src/preemption/sliced-usage.js'

/** Of a call whose core had written 30 tokens before its last slice, and worked through 70 again. */
function cut(): ProcessContext {
  const context = new ProcessContext(0)
  context.tokensBefore = 30
  context.overheadTokens = 70
  return context
}

describe('the usage of an answer that was cut', () => {
  it('is what a core that saved its state reports', () => {
    const usage = { input: { total: 40, noCache: 40 }, output: { total: 50, text: 50 } }
    expect(slicedUsage(usage, cut(), 'state')).toEqual({ ...usage, overhead: 70 })
  })

  it('counts what a core was told again as output, not as input', () => {
    const usage = { input: { total: 70, noCache: 70 }, output: { total: 20, text: 20 } }
    expect(slicedUsage(usage, cut(), 'prefix')).toEqual({
      input: { total: 40 },
      output: { total: 50 },
      estimated: true,
      overhead: 70,
    })
  })

  it('is never below nothing, whatever a core leaves out', () => {
    expect(slicedUsage({ input: {}, output: {} }, cut(), 'prefix')).toMatchObject({
      input: { total: 0 },
      output: { total: 30 },
    })
  })
})
