import type { Usage } from '../driver/chat.js'
import type { Resume } from '../driver/llm-driver.js'
import type { ProcessContext } from './process-context.js'

/**
 * Returns the usage of a whole answer from what its core reported for the last slice. A core that continued from text
 * counts the text before as input: it was output, and is counted as that.
 */
export function slicedUsage(usage: Usage, context: ProcessContext, resume: Resume): Usage {
  const { overheadTokens: overhead, tokensBefore } = context
  if (resume === 'state') return { ...usage, overhead }
  const { input, output } = usage
  return {
    ...usage,
    input: { ...input, noCache: undefined, total: Math.max(0, (input.total ?? 0) - tokensBefore) },
    output: { ...output, text: undefined, total: (output.total ?? 0) + tokensBefore },
    estimated: true,
    overhead,
  }
}
