import { AiosError } from '@aios/kernel'
import type { Agent } from '@aios/kernel'
import type { CreateKernelOptions } from '../preset/create-kernel.js'
import { loadModule, type ModuleLoader } from './agent-module.js'

/** Is what a module of agents exports. */
export interface AgentsModule {
  /** Agents by the name that their processes have. */
  readonly agents: Readonly<Record<string, Agent<never, unknown>>>
  /** What its export `kernel` says: options of createKernel. */
  readonly kernel: CreateKernelOptions
}

/**
 * Loads a module whose exports are agents by name. One that is the default export, alone or as `{ agent, kernel }`, has the name
 * of the file, as `aios run` gives it.
 *
 * @throws AiosError `AIOS_NOT_FOUND` if there is no file, `AIOS_MISSING_PEER` for TypeScript that nothing here can load,
 * `AIOS_INVALID_OPTION` if no export of it is an agent
 */
export async function loadAgentsModule(file: string, loader: ModuleLoader): Promise<AgentsModule> {
  const { module, name: fileName } = await loadModule(file, loader, ' Name the module of your agents by --agents.')
  const agents: Record<string, Agent<never, unknown>> = {}
  let kernel: CreateKernelOptions = {}
  for (const [key, exported] of Object.entries(module)) {
    const name = key === 'default' ? fileName : key
    const inner =
      typeof exported === 'object' && exported !== null ? (exported as Readonly<Record<string, unknown>>) : {}
    if (typeof exported === 'function') agents[name] = exported as Agent<never, unknown>
    else if (key === 'kernel') kernel = { ...kernel, ...inner }
    else if (key === 'default' && typeof inner['agent'] === 'function') {
      agents[name] = inner['agent'] as Agent<never, unknown>
      kernel = { ...(inner['kernel'] as CreateKernelOptions | undefined), ...kernel }
    }
  }
  if (Object.keys(agents).length === 0)
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected ${file} to export agents, functions by the name that their processes have, got ${Object.keys(module).join(', ') || 'no export'}.`,
    )
  return { agents, kernel }
}

/**
 * Finds the agent of a run.
 *
 * @throws AiosError `AIOS_NOT_FOUND` with the names that there are
 */
export function agentOf({ agents }: AgentsModule, name: string): Agent<never, unknown> {
  const agent = Object.hasOwn(agents, name) ? agents[name] : undefined
  if (agent !== undefined) return agent
  const names = Object.keys(agents).join(', ')
  throw new AiosError(
    'AIOS_NOT_FOUND',
    `Expected an agent named "${name}", which the run was started with, got a module that exports ${names}. Name another by --agents.`,
  )
}
