import type { ContextStep } from './context-step.js'
import { dropToolOutput } from './drop-tool-output.js'
import { prune } from './prune.js'

/** Makes the steps that are taken where none are named: those that need no device. */
export function defaultSteps(): readonly ContextStep[] {
  return [dropToolOutput(), prune()]
}
