import type { LlmDriver } from '@aios/kernel'
import type { ModelHost } from './model-host.js'
import type { OllamaOptions, OllamaUse } from './ollama-options.js'

/** Is what a host tells of a model, as options of its core. */
type Found = Pick<OllamaOptions, 'discover' | 'use' | 'capabilities' | 'thinking'>

/**
 * Makes the core of a model that a host has. One that only makes vectors is not asked to talk; one that cannot think is not
 * asked to. An older host does not tell what its models can do.
 *
 * @returns undefined if the host does not have it
 */
export async function foundCore(
  name: string,
  host: ModelHost,
  make: (found: Found) => LlmDriver,
): Promise<LlmDriver | undefined> {
  const shown = await host.find(name)
  if (shown === undefined) return undefined
  const { capabilities } = shown
  if (capabilities === undefined) return make({ discover: false, use: 'both' })
  const can = (what: string): boolean => capabilities.includes(what)
  const use: OllamaUse = can('completion') ? (can('embedding') ? 'both' : 'chat') : 'embed'
  return make({
    discover: false,
    use,
    capabilities: { tools: can('tools'), images: can('vision') },
    ...(can('thinking') ? {} : { thinking: 'none' }),
  })
}
