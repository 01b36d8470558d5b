import { CompiledGrants } from '../access/compiled-grants.js'
import type { Process } from './process.js'

/** Returns the grants that decide for a process; one that was given none, and whose ancestors were not, may use everything but foreign memory. */
export function grantsOf(process: Process): CompiledGrants {
  if (process.grants !== undefined) return process.grants
  return new CompiledGrants({}, process.namespace, process.parent === undefined ? undefined : grantsOf(process.parent))
}
