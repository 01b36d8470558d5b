import { AiosError } from '../error/aios-error.js'
import { expected } from '../error/describe.js'
import { breakerOption } from '../limiter/breaker.js'
import { RATE_LIMIT_FIELDS } from '../limiter/rate-limits.js'
import type { DriverBase } from './device-driver.js'
import type { DeviceDriver } from '../kernel-api.js'
import { batchesOf } from '../scheduler/batch/batch-row.js'
import { flag, mismatch, optional, real, shape, text, whole, type Validate } from '../syscall/shape.js'

const METHODS = {
  llm: [],
  memory: ['add', 'get', 'update', 'remove', 'retrieve'],
  storage: ['write', 'read', 'list', 'stat', 'remove'],
  tool: ['list', 'resolve', 'prepare'],
} as const

const BATCHES = {
  llm: batchesOf(['llm.chat', 'llm.embed']),
  memory: batchesOf(METHODS.memory.map((method) => `memory.${method}`)),
  storage: batchesOf(METHODS.storage.map((method) => `storage.${method}`)),
  tool: batchesOf(['tool.call']),
} as const

const concurrency: Validate = (value, path) =>
  value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 1)
    ? undefined
    : mismatch('a whole number from 1, or Infinity', path, value)

const FIELDS = { concurrency: optional(concurrency), depth: optional(whole(0, Number.MAX_SAFE_INTEGER)) }
const limits = optional(shape(FIELDS))
const attempts = optional(whole(1, Number.MAX_SAFE_INTEGER))
const coreLimits = optional(
  shape({ ...FIELDS, ...RATE_LIMIT_FIELDS, maxAttempts: attempts, breaker: optional(breakerOption) }),
)

const able = optional(flag)
const abilities = optional(
  shape({
    backend: optional(text),
    capabilities: optional(shape({ tools: able, images: able, files: able, schema: able })),
  }),
)

const perMTok = real(0, Number.POSITIVE_INFINITY)
/** A price that cannot be counted with would switch every budget of money off. */
const price = optional(shape({ inputUsdPerMTok: perMTok, outputUsdPerMTok: perMTok }))

/** Says what is wrong with the limits of a device, if anything. */
export function limitsProblem(given: unknown, path: string): string | undefined {
  return limits(given, path)
}

/**
 * Checks that an object is a driver of its kind.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkDriver(driver: unknown, kind: DeviceDriver['kind']): asserts driver is DeviceDriver {
  const given = driver as Partial<DeviceDriver> & Record<string, unknown>
  const fail = (problem: string): never => {
    throw new AiosError('AIOS_INVALID_OPTION', problem)
  }
  if (typeof driver !== 'object' || driver === null) fail(expected(`a ${kind} driver`, kind, driver))
  if (given.kind !== kind) fail(expected(`a driver of kind "${kind}"`, kind, given.kind))
  if (typeof given.id !== 'string' || given.id === '') fail(expected('a name', `${kind} driver id`, given.id))
  for (const method of METHODS[kind]) {
    if (typeof given[method] !== 'function')
      fail(`Expected the ${kind} driver "${String(given.id)}" to have a method ${method}.`)
  }
  if (kind === 'llm' && typeof given['model'] !== 'string')
    fail(expected('the name of a model', `llm driver ${String(given.id)}, model`, given['model']))
  const { batches } = driver as DriverBase
  const methods = [
    given['chat'],
    given['stream'],
    given['embed'],
    given['discover'],
    batches?.['llm.chat']?.run,
    batches?.['llm.embed']?.run,
  ]
  if (kind === 'llm' && !methods.some((method) => typeof method === 'function')) {
    fail(
      `Expected the llm driver "${String(given.id)}" to have a method chat, stream, embed or discover, or a row batches['llm.chat'] or batches['llm.embed'].`,
    )
  }
  if (kind === 'llm') checkResume(given, fail)
  const problem =
    BATCHES[kind](given.batches, `${kind} driver ${String(given.id)}, batches`) ??
    (kind === 'llm' ? coreLimits : limits)(given.limits, `${kind} driver ${String(given.id)}, limits`) ??
    (kind === 'llm' ? price(given['price'], `llm driver ${String(given.id)}, price`) : undefined) ??
    (kind === 'llm' ? abilities(abilitiesOf(given), `llm driver ${String(given.id)}`) : undefined)
  if (problem !== undefined) fail(problem)
  if (kind === 'llm') checkPriced(given, fail)
}

function abilitiesOf({ backend, capabilities }: Readonly<Record<string, unknown>>): object {
  return { backend, capabilities }
}

/** A limit in US dollars on a core whose calls cost nothing, as far as anybody knows, would limit nothing. */
function checkPriced(given: Readonly<Record<string, unknown>>, fail: (problem: string) => never): void {
  const { usdPerDay } = (given['limits'] ?? {}) as { readonly usdPerDay?: unknown }
  if (usdPerDay !== undefined && given['price'] === undefined)
    fail(
      `Expected the llm driver "${String(given['id'])}", whose limits.usdPerDay bounds money, to declare a price, got none: give it price: { inputUsdPerMTok, outputUsdPerMTok }, or leave usdPerDay out.`,
    )
}

const RESUMES = {
  none: [],
  prefix: ['stream'],
  state: ['stream', 'save', 'restore'],
} as const

function checkResume(given: Readonly<Record<string, unknown>>, fail: (problem: string) => never): void {
  const { resume = 'none' } = given
  const core = `llm driver "${String(given['id'])}"`
  if (typeof resume !== 'string' || !Object.hasOwn(RESUMES, resume))
    fail(expected('"state", "prefix" or "none"', `${core}, resume`, resume))
  else
    for (const method of RESUMES[resume as keyof typeof RESUMES])
      if (typeof given[method] !== 'function')
        fail(`Expected the ${core}, which says resume: "${resume}", to have a method ${method}.`)
}
