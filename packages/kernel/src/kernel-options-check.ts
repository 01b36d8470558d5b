import { AiosError } from './error/aios-error.js'
import { journalOption } from './journal/journal-options.js'
import type { KernelOptions } from './kernel-options.js'
import { processLimitsOption } from './limiter/process-limits.js'
import { weightOption } from './process/spawn-options.js'
import { durationOption, signalOption } from './syscall/syscall-options.js'
import {
  callable,
  either,
  flag,
  listOf,
  mismatch,
  oneOf,
  optional,
  record,
  shape,
  whole,
  type Validate,
} from './syscall/shape.js'
import { DEFAULT_LIMITS } from './limits.js'

/** Accepts an object that has these methods. */
function having(what: string, ...methods: readonly string[]): Validate {
  return (value, path) => {
    const problem = record(value, path)
    if (problem !== undefined) return mismatch(what, path, value)
    return methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
      ? undefined
      : mismatch(what, path, value)
  }
}

/** Accepts what says that it is a driver of this kind; the device manager looks closer. */
function device(kind: string): Validate {
  return (value, path) =>
    (value as { readonly kind?: unknown } | null)?.kind === kind
      ? undefined
      : mismatch(`a driver of kind "${kind}"`, path, value)
}

const policy = having('a policy such as roundRobin()', 'create')
const recordStore = having(
  'a record store such as ramRecords()',
  ...[
    'open',
    'close',
    'get',
    'getMany',
    'range',
    'put',
    'remove',
    'batch',
    'watch',
    'size',
    'compact',
    'export',
    'import',
  ],
)
const policies: Validate = (value, path) => {
  const problem = record(value, path)
  if (problem !== undefined) return problem
  for (const [lane, definition] of Object.entries(value as object)) {
    const wrong = policy(definition, `${path}.${lane}`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const tenant = shape({ weight: optional(weightOption), limits: optional(processLimitsOption) })
const tenants: Validate = (value, path) => {
  const problem = record(value, path)
  if (problem !== undefined) return problem
  for (const [name, given] of Object.entries(value as object)) {
    const wrong = tenant(given, `${path}.${name}`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const options = shape({
  llm: optional(either('a driver of kind "llm" or an array of them', listOf(device('llm')), device('llm'))),
  memory: optional(device('memory')),
  storage: optional(device('storage')),
  tools: optional(device('tool')),
  records: optional(recordStore),
  journal: optional(journalOption),
  router: optional(having('a router with a method pick', 'pick')),
  policies: optional(policies),
  tenants: optional(tenants),
  syscalls: optional(listOf(having('a syscall made by defineSyscall', 'execute'))),
  limits: optional(
    shape(
      Object.fromEntries(
        Object.keys(DEFAULT_LIMITS).map((name) => [name, optional(whole(0, Number.MAX_SAFE_INTEGER))]),
      ),
    ),
  ),
  log: optional(
    either(
      '"silent", "console" or a logger',
      oneOf('silent', 'console'),
      having('a logger', 'debug', 'info', 'warn', 'error'),
    ),
  ),
  clock: optional(having('a clock', 'now', 'after', 'defer')),
  random: optional(callable),
})

/**
 * Checks the options of `createKernel`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkKernelOptions(given: KernelOptions): void {
  const problem = options(given, '')
  if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', problem)
}

const METHOD_OPTIONS = {
  close: shape({ drain: optional(flag), timeoutMs: optional(durationOption) }),
  ready: shape({ queued: optional(whole(1, Number.MAX_SAFE_INTEGER)), signal: optional(signalOption) }),
  events: shape({ signal: optional(signalOption) }),
} as const

/**
 * Checks the options of a method of the kernel.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkMethodOptions(method: keyof typeof METHOD_OPTIONS, given: unknown): void {
  const problem = METHOD_OPTIONS[method](given, '')
  if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', problem)
}
