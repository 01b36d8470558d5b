import { existsSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AiosError } from '@aios/kernel'
import type { Agent } from '@aios/kernel'
import type { CreateKernelOptions } from '../preset/create-kernel.js'

/** Is an agent from a file, with the kernel it wants. */
export interface AgentModule {
  readonly agent: Agent<string>
  readonly kernel: CreateKernelOptions
  /** Name of the file without its ending. */
  readonly name: string
}

/** Is what reaches outside to load a module, so that each way of loading can be tested on every Node. */
export interface ModuleLoader {
  /** Whether Node itself loads TypeScript. */
  readonly loadsTypeScript: boolean
  /** Returns the file that a package name means for the file `from`; throws where it is not installed. */
  resolve(name: string, from: string): string
  import(url: string): Promise<Readonly<Record<string, unknown>>>
}

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts', '.tsx'])
const EXPORTS = 'Expected the default export of an agent module to be a function or { agent, kernel? }'

/**
 * Loads the agent that the default export of a file is, or holds.
 *
 * @throws AiosError `AIOS_NOT_FOUND` if there is no file, `AIOS_MISSING_PEER` for TypeScript that nothing here can load,
 * `AIOS_INVALID_OPTION` if the default export is something else. What the module throws passes as it is.
 */
export async function loadAgentModule(file: string, loader: ModuleLoader): Promise<AgentModule> {
  const { module, name } = await loadModule(file, loader)
  return { ...readExport(module['default']), name }
}

/** Is a module as it was loaded. */
export interface LoadedModule {
  readonly module: Readonly<Record<string, unknown>>
  /** Name of the file without its ending. */
  readonly name: string
}

/**
 * Loads a module of the user.
 *
 * @param advice - what to do where there is no file
 * @throws AiosError `AIOS_NOT_FOUND` if there is no file, `AIOS_MISSING_PEER` for TypeScript that nothing here can load.
 * What the module throws passes as it is.
 */
export async function loadModule(file: string, loader: ModuleLoader, advice = ''): Promise<LoadedModule> {
  const path = resolve(file)
  if (!existsSync(path))
    throw new AiosError('AIOS_NOT_FOUND', `Expected a file to run, found none at ${path}.${advice}`)
  if (TYPESCRIPT.has(extname(path))) await prepareTypeScript(path, loader)
  const module = await loader.import(pathToFileURL(path).href)
  return { module: unwrapped(module), name: basename(path, extname(path)) }
}

/** Prefers tsx, which takes all of TypeScript; Node alone takes what it can erase. */
async function prepareTypeScript(path: string, loader: ModuleLoader): Promise<void> {
  const tsx = findTsx(path, loader)
  if (tsx !== undefined) {
    // Its main module registers it, as for `node --import tsx`.
    await loader.import(pathToFileURL(tsx).href)
  } else if (!loader.loadsTypeScript) {
    const message = `Node ${process.versions.node} does not load TypeScript and tsx is not installed next to ${path}. Run "npm install tsx" there, use Node 22.18 or newer, or compile the file to JavaScript.`
    throw new AiosError('AIOS_MISSING_PEER', message)
  }
}

function findTsx(path: string, loader: ModuleLoader): string | undefined {
  try {
    return loader.resolve('tsx', path)
  } catch {
    // Not installed is an answer here, not a failure.
    return undefined
  }
}

/** A module that was compiled to CommonJS brings its exports wrapped in a default one. */
function unwrapped(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { default: exported } = module as { readonly default?: unknown }
  const isWrapped = typeof exported === 'object' && exported !== null && '__esModule' in exported
  return isWrapped ? exported : module
}

function readExport(exported: unknown): { readonly agent: Agent<string>; readonly kernel: CreateKernelOptions } {
  if (typeof exported === 'function') return { agent: exported as Agent<string>, kernel: {} }
  if (typeof exported !== 'object' || exported === null) {
    throw new AiosError('AIOS_INVALID_OPTION', `${EXPORTS}, got ${exported === undefined ? 'none' : typeof exported}.`)
  }
  const { agent, kernel = {}, ...rest } = exported as { agent?: unknown; kernel?: CreateKernelOptions }
  const unknown = Object.keys(rest)
  if (typeof agent !== 'function' || unknown.length > 0) {
    const got = unknown.length > 0 ? `the key "${unknown[0]}"` : `${typeof agent} for "agent"`
    throw new AiosError('AIOS_INVALID_OPTION', `${EXPORTS}, got ${got}.`)
  }
  return { agent: agent as Agent<string>, kernel }
}
