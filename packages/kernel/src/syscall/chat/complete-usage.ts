import type { CoreRequest, Usage } from '../../driver/chat.js'
import { estimatedUsage } from './estimate.js'

/**
 * Fills the totals that a core did not report with estimates, and says so. A total that cannot be a number of tokens was
 * not reported: charged as it is, it would open a budget, or close it for ever.
 */
export function completeUsage(given: Usage | undefined, request: CoreRequest, chars: number): Usage {
  // A core in JavaScript may report nothing, or half of it.
  const usage = { ...given, input: given?.input ?? {}, output: given?.output ?? {} } as Usage
  const input = reported(usage.input.total)
  const output = reported(usage.output.total)
  if (input !== undefined && output !== undefined) return given as Usage
  const guess = estimatedUsage(request, chars)
  return {
    ...usage,
    input: { ...usage.input, total: input ?? guess.input.total },
    output: { ...usage.output, total: output ?? guess.output.total },
    estimated: true,
  }
}

function reported(total: number | undefined): number | undefined {
  return typeof total === 'number' && total >= 0 && total <= Number.MAX_SAFE_INTEGER ? total : undefined
}
