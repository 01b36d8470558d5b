import type { CoreWarning, Finish, FinishReason, Usage } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import type { AiSdkSpec } from '../spec-version.js'
import type { AppFinish, AppUsage, AppWarning } from './served-model.js'

const REASONS: Readonly<Record<FinishReason, 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other'>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  'context-overflow': 'length',
  paused: 'other',
  aborted: 'other',
  other: 'other',
}

/** Says why an answer ended, in the words of a specification. */
export function toFinish<S extends AiSdkSpec>({ unified, raw }: Finish, spec: S): AppFinish<S> {
  const reason = REASONS[unified]
  return (spec === 'v2' ? reason : { unified: reason, raw: raw ?? unified }) as AppFinish<S>
}

/** Says what an answer cost, in the words of a specification. What is not known stays so. */
export function toUsage<S extends AiSdkSpec>({ input, output, raw }: Usage, spec: S): AppUsage<S> {
  if (spec === 'v2') {
    const isKnown = input.total !== undefined && output.total !== undefined
    return {
      inputTokens: input.total,
      outputTokens: output.total,
      totalTokens: isKnown ? input.total + output.total : undefined,
      reasoningTokens: output.reasoning,
      cachedInputTokens: input.cacheRead,
    } as AppUsage<S>
  }
  return {
    inputTokens: {
      total: input.total,
      noCache: input.noCache,
      cacheRead: input.cacheRead,
      cacheWrite: input.cacheWrite,
    },
    outputTokens: { total: output.total, text: output.text, reasoning: output.reasoning },
    ...(isRecord(raw) ? { raw } : {}),
  } as AppUsage<S>
}

/** Tells what was dropped, in the words of a specification. */
export function toWarnings<S extends AiSdkSpec>(warnings: readonly CoreWarning[], spec: S): AppWarning<S>[] {
  return warnings.map(({ setting, message: details }) =>
    spec === 'v2'
      ? { type: 'unsupported-setting', setting, details }
      : { type: 'unsupported', feature: setting, details },
  ) as AppWarning<S>[]
}
