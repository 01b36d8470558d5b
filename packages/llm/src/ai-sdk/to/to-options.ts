import type { SpawnOptions } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { AI_SDK_SPECS, type AiSdkSpec } from '../spec-version.js'

/** Is what `toAiSdk` takes after the kernel. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ToAiSdkOptions<S extends AiSdkSpec = AiSdkSpec> {
  /**
   * Specification of the model: `v4` for AI SDK 7, `v3` for AI SDK 6 (the newest for Node 20), `v2` for AI SDK 5; newer versions of
   * the SDK take older specifications too. Default `v3`, which both 6 and 7 take.
   */
  readonly specification?: S | undefined
  /** Id of a core or name of a model. Default: what the router of the kernel picks for each call. */
  readonly model?: string | undefined
  /**
   * On whose behalf the calls are: name, tenant, priority, budget, grants and so on of the process that makes them, which lives
   * until the kernel closes or its `signal` aborts. Default: the shared process of the kernel.
   */
  readonly as?: SpawnOptions | undefined
  /** Whether the model answers or makes vectors. Default `chat`. */
  readonly use?: 'chat' | 'embed' | undefined
}

const { optional } = option
const FIELDS = option.object({
  specification: optional(option.oneOf(...AI_SDK_SPECS)),
  model: optional(option.name),
  as: optional(option.record),
  use: optional(option.oneOf('chat', 'embed')),
})

/** @throws AiosError `AIOS_INVALID_OPTION` */
export function checkToOptions(options: unknown): void {
  checkOptions('toAiSdk()', options, FIELDS)
}
