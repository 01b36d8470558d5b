import { MOST_RANDOM_BYTES } from '../../limits.js'
import { mismatch, optional, shape, whole, type Validate } from '../shape.js'
import type { RandomBytesRequest, RandomIntRequest } from '../sys.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'

type Random = () => number

const nowhere = (): void => undefined
const nothing = optional(shape({}))
const safe = whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
const range = shape({ min: safe, max: safe })

const ordered: Validate = (value, path) => {
  const problem = range(value, path)
  if (problem !== undefined) return problem
  const { min, max } = value as RandomIntRequest
  return min <= max ? undefined : mismatch(`a number from ${min}`, path === '' ? 'max' : `${path}.max`, max)
}

/** Takes 32 bits from a source of numbers from 0 to below 1. */
function bits32(random: Random): number {
  return Math.floor(random() * 2 ** 32)
}

/**
 * Draws a whole number. 96 bits are scaled to the range, so that no number of even the widest is likelier than another by more
 * than 2^-42; drawing again until one fits would never end with a source that stands still.
 */
function integer(random: Random, { min, max }: RandomIntRequest): number {
  const count = BigInt(max) - BigInt(min) + 1n
  let drawn = 0n
  for (let word = 0; word < 3; word += 1) drawn = (drawn << 32n) | BigInt(bits32(random))
  return Number(BigInt(min) + ((drawn * count) >> 96n))
}

function bytes(random: Random, length: number): Uint8Array {
  const drawn = new Uint8Array(length)
  let word = 0
  for (let index = 0; index < length; index += 1) {
    word = index % 4 === 0 ? bits32(random) : word >>> 8
    drawn[index] = word & 0xff
  }
  return drawn
}

/** Writes a UUID of version 4 (RFC 9562, section 5.4). */
function uuid(random: Random): string {
  const drawn = bytes(random, 16)
  drawn[6] = ((drawn[6] as number) & 0x0f) | 0x40
  drawn[8] = ((drawn[8] as number) & 0x3f) | 0x80
  const hex = Buffer.from(drawn).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function row(verb: string, validate: Validate, draw: (random: Random, call: Syscall) => unknown): SyscallRow {
  return {
    name: `random.${verb}`,
    validate,
    runs: 'direct',
    returns: 'promise',
    effect: 'repeatable',
    free: true,
    route: nowhere,
    execute: (call) => draw(call.caller.kernel.random, call),
  }
}

/** The rows of the `random` family. */
export const randomRows: readonly SyscallRow[] = [
  row('next', nothing, (random) => random()),
  row('int', ordered, (random, { request }) => integer(random, request as RandomIntRequest)),
  row('uuid', nothing, uuid),
  row('bytes', shape({ length: whole(1, MOST_RANDOM_BYTES) }), (random, { request }) =>
    bytes(random, (request as RandomBytesRequest).length),
  ),
]
